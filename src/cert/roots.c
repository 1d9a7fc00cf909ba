/*
 * Trusted authorities; see roots.h.
 */
#include "cert/roots.h"

#include <assert.h>
#include <dirent.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cert/pem.h"

/* -- the system's -- */

/* The files in which systems keep all roots, tried after OpenSSL's default. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

static bool
load_file(X509_STORE *store, const char *path)
{
	bool good = X509_STORE_load_file(store, path) == 1;

	ERR_clear_error();
	return good;
}

/* All files of a directory; false when none held a certificate. */
static bool
load_directory(X509_STORE *store, const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	bool any = false;

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL) {
		char *file = xasprintf("%s/%s", path, e->d_name);

		any = load_file(store, file) || any;
		free(file);
	}
	closedir(d);
	return any;
}

bool
cert_add_system_roots(X509_STORE *store)
{
	const char *file = getenv(X509_get_default_cert_file_env());
	const char *directory = getenv(X509_get_default_cert_dir_env());

	if (file != NULL || directory != NULL) {
		bool of_file = file != NULL && load_file(store, file);
		bool of_directory = directory != NULL &&
		    load_directory(store, directory);

		return of_file || of_directory;
	}
	if (load_file(store, X509_get_default_cert_file()))
		return true;
	for (size_t i = 0; i < sizeof(bundles) / sizeof(bundles[0]); i++)
		if (load_file(store, bundles[i]))
			return true;
	return load_directory(store, X509_get_default_cert_dir());
}

/* -- those of a file -- */

static bool
is_certificate(const struct pem_block *b)
{
	return b->kind == PEM_KIND_CERTIFICATE || b->kind == PEM_KIND_TRUSTED;
}

bool
cert_add_roots(X509_STORE *store, struct text text)
{
	struct pem_block b;
	struct pem pem;
	bool any = false;

	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		X509 *x = is_certificate(&b) ? pem_certificate(&b) : NULL;

		any = (x != NULL && X509_STORE_add_cert(store, x) == 1) || any;
		X509_free(x);
		pem_block_free(&b);
	}
	ERR_clear_error();
	return any;
}

/* -- whether they count -- */

/* All certificates of a file, in its order. */
struct bundle {
	X509_STORE *store;
	STACK_OF(X509) *certs;
	unsigned *lines;	/* where each begins */
	int64_t *until;		/* their ends, in seconds since 1970 */
	bool *bad;		/* it cannot be trusted; set by judge() */
};

static void
bundle_add(struct bundle *bundle, X509 *x, unsigned line)
{
	int n = sk_X509_num(bundle->certs);

	if (X509_STORE_add_cert(bundle->store, x) != 1 ||
	    sk_X509_push(bundle->certs, x) == 0)
		alloc_failed();
	bundle->lines = xreallocarray(bundle->lines, (size_t)n + 1,
	    sizeof(*bundle->lines));
	bundle->lines[n] = line;
	bundle->until = xreallocarray(bundle->until, (size_t)n + 1,
	    sizeof(*bundle->until));
	bundle->until[n] = cert_seconds(X509_get0_notAfter(x));
}

static void
bundle_init(struct bundle *bundle)
{
	*bundle = (struct bundle){ .store = X509_STORE_new(),
		.certs = sk_X509_new_null() };
	if (bundle->store == NULL || bundle->certs == NULL)
		alloc_failed();
}

static void
bundle_release(struct bundle *bundle)
{
	sk_X509_pop_free(bundle->certs, X509_free);
	X509_STORE_free(bundle->store);
	free(bundle->lines);
	free(bundle->until);
	free(bundle->bad);
}

static void
read_one(struct bundle *bundle, const struct pem_block *b, bool revocable,
    struct cert_report *report)
{
	X509 *x;

	if (b->der == NULL) {
		cert_fault(report, "what begins on line %u of it is broken, "
		    "or not complete", b->line);
	} else if (is_certificate(b)) {
		x = pem_certificate(b);
		if (x != NULL)
			bundle_add(bundle, x, b->line);
		else
			cert_fault(report, "the certificate on line %u of it "
			    "is broken", b->line);
	} else if (b->kind == PEM_KIND_CRL && !revocable) {
		cert_fault(report, "holds a list of revoked certificates, on "
		    "line %u, which counts only where 'crl_file' of an "
		    "upstream, or 'client_crl' of a listener, names it",
		    b->line);
	} else if (b->kind == PEM_KIND_KEY) {
		cert_warning(report, "holds a private key, on line %u, which "
		    "has no place in it", b->line);
	}
}

/*
 * A chain that ends in the file could contain this certificate, now or at
 * another time.  Of two roots with the same name and key OpenSSL finds the
 * first as the issuer of both; a chain may end with either.
 */
static bool
can_be_trusted(const struct bundle *bundle, X509 *x, bool of_clients)
{
	X509_STORE_CTX *ctx;
	bool good;

	if (X509_self_signed(x, 1) == 1)
		return true;
	ctx = X509_STORE_CTX_new();
	if (ctx == NULL ||
	    X509_STORE_CTX_init(ctx, bundle->store, x, NULL) != 1)
		alloc_failed();
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_NO_CHECK_TIME);
	(void)X509_STORE_CTX_set_trust(ctx, of_clients ?
	    X509_TRUST_SSL_CLIENT : X509_TRUST_SSL_SERVER);
	good = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

/*
 * A chain over this certificate does not end in the file, so it is of no use.
 */
static void
tell_of_unrooted(const struct bundle *bundle, int i, bool warning,
    struct cert_report *report)
{
	const X509 *x = sk_X509_value(bundle->certs, i);
	char name[CERT_NAME], issuer[CERT_NAME];
	void (*tell)(struct cert_report *, const char *, ...) =
	    warning ? cert_warning : cert_fault;

	pem_name(X509_get_subject_name(x), name);
	pem_name(X509_get_issuer_name(x), issuer);
	tell(report, "the certificate of \"%s\" on line %u of it is not "
	    "self-signed, so that no chain can end with it: put in that of "
	    "its issuer, \"%s\"", name, bundle->lines[i], issuer);
}

/* -- their ends -- */

static struct cert_span
span_of(const X509 *x)
{
	struct cert_span span = {
		.from = cert_seconds(X509_get0_notBefore(x)),
		.until = cert_seconds(X509_get0_notAfter(x)),
	};

	pem_name(X509_get_subject_name(x), span.subject);
	return span;
}

static bool
is_past(const X509 *x)
{
	return X509_cmp_current_time(X509_get0_notAfter(x)) < 0;
}

static bool
is_valid_now(const X509 *x)
{
	return !is_past(x) &&
	    X509_cmp_current_time(X509_get0_notBefore(x)) < 0;
}

static bool
are_of_one_authority(const X509 *a, const X509 *b)
{
	return X509_NAME_cmp(X509_get_subject_name(a),
	    X509_get_subject_name(b)) == 0 &&
	    EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) == 1;
}

/*
 * Another one of this name and key is valid for longer, and serves then.
 * Bundles are large: what is cheap is asked first.
 */
static bool
is_superseded(const struct bundle *bundle, int i)
{
	const X509 *x = sk_X509_value(bundle->certs, i);

	for (int j = 0; j < sk_X509_num(bundle->certs); j++) {
		if (bundle->until[j] > bundle->until[i] && !bundle->bad[j] &&
		    are_of_one_authority(x, sk_X509_value(bundle->certs, j)))
			return true;
	}
	return false;
}

static void
tell_of_past(const struct bundle *bundle, int i, struct cert_report *report)
{
	struct cert_span span = span_of(sk_X509_value(bundle->certs, i));
	char when[CLOCK_TEXT];

	(void)clock_format_s(when, span.until);
	cert_warning(report, "the certificate of \"%s\" on line %u of it "
	    "expired at %s: no client is accepted by it", span.subject,
	    bundle->lines[i], when);
}

/* Of those that are trusted the one whose end is the first, or the last. */
static void
find_end(const struct bundle *bundle, bool last, struct cert_span *span)
{
	*span = (struct cert_span){ .until = last ? INT64_MIN :
	    CERT_FOR_EVER };
	for (int i = 0; i < sk_X509_num(bundle->certs); i++) {
		const X509 *x = sk_X509_value(bundle->certs, i);
		int64_t until = bundle->until[i];

		if (!bundle->bad[i] && (last || !is_past(x)) &&
		    (last ? until > span->until : until < span->until) &&
		    !is_superseded(bundle, i))
			*span = span_of(x);
	}
}

/* Each may be the authority of some clients. */
static void
check_those_of_clients(const struct bundle *bundle,
    struct cert_report *report)
{
	bool any = false, all_past = true;

	for (int i = 0; i < sk_X509_num(bundle->certs); i++) {
		const X509 *x = sk_X509_value(bundle->certs, i);

		any = any || (!bundle->bad[i] && is_valid_now(x));
		all_past = all_past && (bundle->bad[i] || is_past(x));
	}
	if (!any) {
		cert_fault(report, all_past ?
		    "no certificate in it is valid any more" :
		    "no certificate in it is valid now");
		return;
	}
	for (int i = 0; i < sk_X509_num(bundle->certs); i++) {
		const X509 *x = sk_X509_value(bundle->certs, i);

		if (!bundle->bad[i] && is_past(x) && !is_superseded(bundle, i))
			tell_of_past(bundle, i, report);
	}
}

/* -- the whole -- */

/* Judges a bundle that is not empty. */
static void
judge(struct bundle *bundle, bool of_clients, struct cert_report *report)
{
	int n = sk_X509_num(bundle->certs);
	bool any = false;

	assert(bundle->lines != NULL);
	bundle->bad = xcalloc((size_t)n, sizeof(*bundle->bad));
	for (int i = 0; i < n; i++) {
		bundle->bad[i] = !can_be_trusted(bundle,
		    sk_X509_value(bundle->certs, i), of_clients);
		any = any || !bundle->bad[i];
	}
	for (int i = 0; i < n; i++) {
		if (bundle->bad[i])
			tell_of_unrooted(bundle, i, any, report);
	}
	if (any && of_clients)
		check_those_of_clients(bundle, report);
}

void
cert_check_roots(struct text text, const struct cert_roots_use *use,
    struct cert_span *span, struct cert_report *report)
{
	struct bundle bundle;
	struct pem_block b;
	struct pem pem;

	bundle_init(&bundle);
	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		read_one(&bundle, &b, use->revocable, report);
		pem_block_free(&b);
	}
	if (sk_X509_num(bundle.certs) == 0 && !report->failed)
		cert_fault(report, "holds no certificate in PEM form");
	if (!report->failed)
		judge(&bundle, use->of_clients, report);
	if (!report->failed)
		find_end(&bundle, !use->of_clients, span);
	bundle_release(&bundle);
}
