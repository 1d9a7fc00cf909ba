# SP_TRY_CFLAG(VARIABLE, FLAG): appends the flag where the compiler takes it.
AC_DEFUN([SP_TRY_CFLAG], [
	AS_VAR_PUSHDEF([sp_cv], [AS_TR_SH([sp_cv_cflag_$2])])
	AC_CACHE_CHECK([whether $CC takes $2], [sp_cv], [
		sp_saved=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([sp_cv], [yes])], [AS_VAR_SET([sp_cv], [no])])
		CFLAGS=$sp_saved
	])
	AS_VAR_IF([sp_cv], [yes], [$1="$$1 $2"])
	AS_VAR_POPDEF([sp_cv])
])

# SP_TRY_LDFLAG(VARIABLE, FLAG): the same for the linker.
AC_DEFUN([SP_TRY_LDFLAG], [
	AS_VAR_PUSHDEF([sp_cv], [AS_TR_SH([sp_cv_ldflag_$2])])
	AC_CACHE_CHECK([whether the linker takes $2], [sp_cv], [
		sp_saved=$LDFLAGS
		LDFLAGS="$LDFLAGS -Werror $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([sp_cv], [yes])], [AS_VAR_SET([sp_cv], [no])])
		LDFLAGS=$sp_saved
	])
	AS_VAR_IF([sp_cv], [yes], [$1="$$1 $2"])
	AS_VAR_POPDEF([sp_cv])
])

# SP_NEED_FLAG(FLAG, OPTION, HINT): what was asked for by an option of ours is
# there, or configure says that it is not.
AC_DEFUN([SP_NEED_FLAG], [
	AC_MSG_CHECKING([whether $CC takes $1])
	sp_saved=$CFLAGS
	CFLAGS="$CFLAGS $1"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])], [
		AC_MSG_RESULT([no])
		AC_MSG_ERROR([$2: $CC does not take $1$3])
	])
	CFLAGS=$sp_saved
])

# SP_FLAGS: warnings, hardening, sanitizers, coverage, fuzzers.  All of them
# go into variables of their own: CFLAGS and LDFLAGS belong to the user.
AC_DEFUN([SP_FLAGS], [
	sp_warnings=
	m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wconversion
	    -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes
	    -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings
	    -Wformat=2 -Wundef -Wvla -Wswitch-enum -Wimplicit-fallthrough
	    -Wnull-dereference -Wlogical-op -Wduplicated-cond
	    -Wno-missing-field-initializers],
		[SP_TRY_CFLAG([sp_warnings], m4_quote(flag))])
	sp_n_warnings=$(set -- $sp_warnings; echo $[#])
	AS_IF([test "x$enable_werror" = xyes],
		[sp_warnings="$sp_warnings -Werror"])

	sp_hardening=
	sp_hardening_ld=
	AS_IF([test "x$enable_hardening" = xyes], [
		m4_foreach_w([flag], [-fstack-protector-strong
		    -fstack-clash-protection -fcf-protection=full
		    -mbranch-protection=standard
		    -ftrivial-auto-var-init=zero -fno-strict-overflow -fPIE],
			[SP_TRY_CFLAG([sp_hardening], m4_quote(flag))])
		# Fortified string functions need optimisation and fight ASan.
		AS_CASE(["$CFLAGS $enable_sanitizers"],
			[*-O0*|*address*], [],
			[*-O*no], [sp_hardening="$sp_hardening -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
		m4_foreach_w([flag], [-pie -Wl,-z,relro -Wl,-z,now
		    -Wl,-z,noexecstack -Wl,-z,separate-code],
			[SP_TRY_LDFLAG([sp_hardening_ld], m4_quote(flag))])
	])

	sp_instrument=
	AS_IF([test "x$enable_sanitizers" != xno], [
		SP_NEED_FLAG([-fsanitize=$enable_sanitizers],
			[--enable-sanitizers], [])
		sp_instrument="-fsanitize=$enable_sanitizers -fno-omit-frame-pointer -fno-sanitize-recover=all"
	])
	AS_IF([test "x$enable_coverage" = xyes],
		[sp_instrument="$sp_instrument --coverage"])
	sp_fuzz=
	AS_IF([test "x$enable_fuzzers" = xyes], [
		SP_NEED_FLAG([-fsanitize=fuzzer-no-link],
			[--enable-fuzzers], [; CC=clang does])
		sp_instrument="$sp_instrument -fsanitize=fuzzer-no-link"
		sp_fuzz="-fsanitize=fuzzer"
	])
	AC_SUBST([SP_CFLAGS], ["$sp_warnings $sp_hardening $sp_instrument"])
	AC_SUBST([SP_LDFLAGS], ["$sp_hardening_ld $sp_instrument"])
	AC_SUBST([SP_FUZZ_LDFLAGS], [$sp_fuzz])
])
