/*
 * A configuration: the main file, and after a line "%%" the text of a sealed
 * one.  There must be a result or faults; faults fit on a terminal and have no
 * key in them.
 */
#include "fuzz.h"

#include <string.h>

#include "../unit/conf/texts.h"
#include "base/alloc.h"

static void
check_diagnostics(const struct conf_diagnostics *diagnostics, unsigned n_lines)
{
	size_t fatal = 0;

	for (size_t i = 0; i < diagnostics->n; i++) {
		const struct conf_diagnostic *f = &diagnostics->v[i];

		fuzz_assert(f->text[0] != '\0');
		fuzz_assert(f->line <= n_lines);
		for (const char *p = f->text; *p != '\0'; p++)
			fuzz_assert((unsigned char)*p >= ' ' && *p != 0x7f);
		fatal += !f->warning;
	}
	fuzz_assert(fatal == diagnostics->n_errors);
}

/* Every index is valid, and every key has what the proxy relies on. */
static void
check_conf(const struct conf *c)
{
	fuzz_assert(c->n_listeners > 0 && c->n_routes > 0 && c->workers > 0);
	for (size_t i = 0; i < c->n_listeners; i++)
		fuzz_assert(c->listeners[i].name != NULL &&
		    c->listeners[i].hosts.n > 0);
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *t = &c->routes[i];

		fuzz_assert(t->name != NULL && t->n_keys > 0);
		fuzz_assert(t->upstream < c->n_upstreams);
		fuzz_assert(t->client == CONF_NONE || t->client < c->n_clients);
		for (size_t k = 0; k < t->n_keys; k++)
			fuzz_assert(t->keys[k] < c->n_keys);
		for (size_t l = 0; l < t->n_listeners; l++)
			fuzz_assert(t->listeners[l] < c->n_listeners);
	}
	for (size_t i = 0; i < c->n_keys; i++)
		fuzz_assert(c->keys[i].hosts.n > 0 &&
		    secret_len(c->keys[i].value) > 0);
}

static unsigned
count_lines(const char *text)
{
	unsigned n = 1;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *text = xstrndup((const char *)p, n);
	char *sealed = strstr(text, "\n%%\n");
	unsigned n_lines = count_lines(text);
	struct conf *c;

	if (sealed != NULL) {
		*sealed = '\0';
		sealed += 4;
	}
	/* No other files are read, even if the input names some. */
	if (strchr(text, '@') == NULL) {
		c = texts_load(text, sealed != NULL ? sealed : "",
		    &diagnostics);
		fuzz_assert((c == NULL) == (diagnostics.n_errors != 0));
		check_diagnostics(&diagnostics, n_lines);
		if (c != NULL)
			check_conf(c);
		conf_free(c);
		conf_diagnostics_free(&diagnostics);
	}
	free(text);
	return 0;
}
