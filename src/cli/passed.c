/*
 * Names of fields that pass; see passed.h.
 */
#include "cli/passed.h"

#include "cli/say.h"
#include "conf/field_rules.h"

void
passed_print(const struct conf_passed *pass)
{
	for (size_t i = 0; i < pass->n; i++)
		say("%s%s", i != 0 ? ", " : "", field_rules_name(pass->v[i]));
}

void
passed_write(const struct conf_passed *pass, struct json *j, const char *key)
{
	json_array(j, key);
	for (size_t i = 0; i < pass->n; i++)
		json_str(j, NULL, field_rules_name(pass->v[i]));
	json_array_end(j);
}
