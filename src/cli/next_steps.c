/*
 * The last lines of `init`; see next_steps.h.
 */
#include "cli/next_steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/shell.h"
#include "cli/setup_options.h"
#include "conf/source.h"
#include "keyfile/key_new.h"

#define TARGET	"/api/v1/deployments"

static void
print_for_unix(const struct addr *a, FILE *out)
{
	char *path = shell_word(a->un.sun_path);

	(void)fprintf(out, "Then, without any key:\n"
	    "  curl --unix-socket %s http://localhost" TARGET "\n", path);
	free(path);
}

static void
print_for_inherited(const struct addr *a, FILE *out)
{
	(void)fprintf(out, "That needs a unit of systemd and a socket unit "
	    "that passes it the socket\n(FileDescriptorName=%s).  Requests "
	    "go there without any key.\n", a->name);
}

/* "http://127.0.0.1:9080"; PORT stands for one that the kernel will choose. */
static char *
base_url(const struct addr *a, const char *listen)
{
	const char *port = strrchr(listen, ':');

	return addr_port(a) != 0 ? xasprintf("http://%s", listen) :
	    xasprintf("http://%.*s:PORT", (int)(port - listen), listen);
}

static void
print_for_inet(const struct addr *a, const char *listen, FILE *out)
{
	char *base = base_url(a, listen), *all = xasprintf("%s" TARGET, base);
	char *url = shell_word(all), *host = shell_word(base);

	if (addr_port(a) == 0)
		(void)fputs("It says 'listening on' an address with the PORT "
		    "that the kernel chose.\n", out);
	(void)fprintf(out, "Then, without any key:\n"
	    "  curl %s\n\n"
	    "ecctl and Terraform want some key: any word will do, it is "
	    "replaced.\n"
	    "  export EC_HOST=%s\n"
	    "  export EC_API_KEY=dummy\n", url, host);
	free(host);
	free(url);
	free(all);
	free(base);
}

static void
print_for_clients(const char *listen, FILE *out)
{
	const char *why;
	struct addr a;

	if (!addr_parse(listen, &a, &why))
		return;
	switch (a.kind) {
	case ADDR_INET:
		print_for_inet(&a, listen, out);
		break;
	case ADDR_UNIX:
		print_for_unix(&a, out);
		break;
	case ADDR_INHERITED:
		print_for_inherited(&a, out);
		break;
	}
}

/*
 * systemd may hold the address, as it does where the socket unit is enabled: so
 * it is started with the service, or else the two have to be made to agree.
 */
static void
print_for_service(const char *listen, FILE *out)
{
	bool usual = strcmp(listen, SETUP_LISTEN) == 0;

	(void)fprintf(out, "To start it, now and whenever the machine "
	    "starts:\n  systemctl enable --now%s sallyport\n\n",
	    usual ? " sallyport.socket" : "");
	if (!usual)
		(void)fputs("sallyport.socket, where that is enabled, is for "
		    SETUP_LISTEN ": give it this\naddress by 'systemctl edit "
		    "sallyport.socket' before, or disable it.\n\n", out);
}

void
next_steps_print(const struct setup *s, FILE *out)
{
	char fingerprint[KEY_FINGERPRINT], *conf = source_word(s->conf);
	char *option;

	key_new_fingerprint(s->value, fingerprint);
	(void)fprintf(out, "\n%s\n  the identity; keep a copy in a safe place\n"
	    "%s\n  the key '%s', sealed; fingerprint %s\n"
	    "%s\n  the configuration\n\n", s->identity, s->keys, s->name,
	    fingerprint, s->conf);
	option = s->usual_place || s->service ? xstrdup("") :
	    xasprintf(" -c %s", conf);
	if (s->service)
		print_for_service(s->listen, out);
	else
		(void)fprintf(out, "To start:\n  sallyport run%s\n\n", option);
	(void)fprintf(out, "To see how it is, and what needs attention:\n"
	    "  sallyport status%s\n\n", option);
	free(option);
	free(conf);
	print_for_clients(s->listen, out);
}
