# SP_COMPLETION(SHELL, CONDITIONAL, DIR): --with-SHELL-completion-dir, the folder
# of a shell's completions, or no.
AC_DEFUN([SP_COMPLETION], [
	AC_ARG_WITH([$1-completion-dir],
		[AS_HELP_STRING([--with-$1-completion-dir=DIR],
		[completion of $1 @<:@$3@:>@, or no])],
		[], [with_$1_completion_dir=$3])
	AS_IF([test "x$with_$1_completion_dir" = xyes],
		[with_$1_completion_dir=$3])
	AC_SUBST([$1completiondir], [$with_$1_completion_dir])
	AM_CONDITIONAL([$2_COMPLETION], [test "x$with_$1_completion_dir" != xno])
])
