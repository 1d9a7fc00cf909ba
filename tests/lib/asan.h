/*
 * UNDER_ASAN: AddressSanitizer replaces the heap and functions of the C
 * library, so some tests cannot decide anything.
 */
#ifndef TESTS_LIB_ASAN_H
#define TESTS_LIB_ASAN_H

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

#endif
