/*
 * UNDER_ASAN: some tests cannot decide anything.
 */
#ifndef TESTS_LIB_ASAN_H
#define TESTS_LIB_ASAN_H

#include "base/asan.h"

#endif
