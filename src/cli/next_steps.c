/*
 * What `init` says at its end; see next_steps.h.
 */
#include "cli/next_steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/key_new.h"
#include "cli/verbs.h"

/* A word as a shell takes it. */
static char *
shell_word(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%=,";
	struct buf b;
	char *word;

	if (s[0] != '\0' && s[strspn(s, plain)] == '\0')
		return xstrdup(s);
	buf_init(&b, NULL);
	for (; *s != '\0'; s++)
		buf_printf(&b, *s == '\'' ? "'\\''" : "%c", *s);
	word = xasprintf("'%.*s'", TEXT_ARG(buf_text(&b)));
	buf_release(&b);
	return word;
}

static void
print_client_lines(const struct setup *s, FILE *out)
{
	if (strncmp(s->listen, "unix:", 5) == 0) {
		(void)fprintf(out, "Then, without any key:\n"
		    "  curl --unix-socket %s "
		    "http://localhost/api/v1/deployments\n", s->listen + 5);
		return;
	}
	(void)fprintf(out, "Then, without any key:\n"
	    "  curl http://%s/api/v1/deployments\n\n"
	    "ecctl and Terraform want some key: any word will do, it is "
	    "replaced.\n"
	    "  export EC_HOST=http://%s\n"
	    "  export EC_API_KEY=dummy\n", s->listen, s->listen);
}

void
next_steps_print(const struct setup *s, FILE *out)
{
	char fingerprint[KEY_FINGERPRINT], *conf = shell_word(s->conf);

	key_new_fingerprint(s->value, fingerprint);
	(void)fprintf(out, "\n%s\n  the identity; keep a copy in a safe place\n"
	    "%s\n  the key '%s', sealed; fingerprint %s\n"
	    "%s\n  the configuration\n\n", s->identity, s->keys, s->name,
	    fingerprint, s->conf);
	if (strcmp(s->conf, CLI_CONFIG_FILE) == 0)
		(void)fprintf(out, "To start:\n  sallyport run\n\n");
	else
		(void)fprintf(out, "To start:\n  sallyport run -c %s\n\n",
		    conf);
	free(conf);
	print_client_lines(s, out);
}
