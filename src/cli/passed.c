/*
 * Names of fields that pass; see passed.h.
 */
#include "cli/passed.h"

#include "conf/field_rules.h"

void
passed_print(const struct conf_passed *pass, FILE *out)
{
	for (size_t i = 0; i < pass->n; i++)
		(void)fprintf(out, "%s%s", i != 0 ? ", " : "",
		    field_rules_name(pass->v[i]));
}
