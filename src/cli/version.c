/*
 * The verb `version`, the same as --version.
 */

#include "cli/document.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/tree.h"
#include "config.h"
#include "net/dns.h"
#include "net/loop.h"
#include "net/tls.h"
#include "seal/mlkem.h"

/* Features that depend on the build or the machine. */
static void
write_features(struct json *j)
{
	json_array(j, "features");
	if (mlkem_offered())
		json_str(j, NULL, "post-quantum");
#ifdef __SANITIZE_ADDRESS__
	json_str(j, NULL, "address-sanitizer");
#endif
	json_array_end(j);
}

static void
write_libraries(struct json *j)
{
	json_object(j, "libraries");
	json_str(j, "c-ares", dns_library());
	json_str(j, "libconfig", tree_library());
	json_str(j, "libevent", loop_library());
	json_str(j, "openssl", tls_library());
	json_object_end(j);
}

static void
write_document(void)
{
	struct document d;

	document_begin(&d);
	json_object(&d.json, NULL);
	json_str(&d.json, "name", PACKAGE_NAME);
	json_str(&d.json, "version", PACKAGE_VERSION);
	write_features(&d.json);
	write_libraries(&d.json);
	json_object_end(&d.json);
	document_end(&d);
}

static enum cli_exit
run_version(const struct cli_args *args)
{
	if (cli_args_has(args, "json"))
		write_document();
	else
		say("%s\n", PACKAGE_STRING);
	return CLI_DONE;
}

static const struct cli_option version_options[] = {
	CLI_JSON_OPTION,
	{ .name = NULL },
};

const struct verb verb_version = {
	.name = "version",
	.summary = "says which version this is",
	.options = version_options,
	.about = "Prints the name of the program and its version.\n\n"
	    "The JSON document is an object: name, version, features (a list "
	    "of what\nnot every build can do: post-quantum recipients), "
	    "libraries (an object of\nnames and versions).\n",
	.example = "sallyport version\n",
	.run = run_version,
};
