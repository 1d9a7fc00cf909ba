/*
 * Whom a listener accepts by certificate: each case with TLS 1.2 and 1.3, both
 * ends in one process.
 */
#include "net/tls_server_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "called.h"

#define HOUR	3600L

/* The world of one case. */
struct world {
	struct cert root, other, middle[10], client;
	size_t n_middle;
	struct text ca, crl;
	bool optional;			/* no certificate is required */
	bool silent;			/* the client has none */
	bool sends_other;
	bool keeps_middle;		/* it does not send what is between */
};

static struct cert server_cert;
static struct text server_text, server_key;

static struct text
join(struct text a, struct text b)
{
	struct text both = text_of(xasprintf("%.*s%.*s", TEXT_ARG(a),
	    TEXT_ARG(b)));

	cert_text_free(a);
	cert_text_free(b);
	return both;
}

static void
trust(struct world *w, const struct cert *c)
{
	cert_text_free(w->ca);
	w->ca = cert_text(c);
}

/* -- certificates -- */

#define LEAF		{ NID_basic_constraints, "CA:FALSE" }
#define IS_CA		{ NID_basic_constraints, "critical,CA:TRUE" }
#define MAY_SIGN	{ NID_key_usage, "critical,keyCertSign,cRLSign" }
#define IDENTIFIED	{ NID_subject_key_identifier, "hash" }
#define NOTHING_MORE	{ 0, NULL }

/* A client with one more field; nid 0: none. */
static void
call_by(struct world *w, const struct cert *issuer, int nid, const char *value)
{
	const struct cert_field fields[] = { LEAF, { nid, value },
	    NOTHING_MORE };

	cert_make(&w->client, issuer, "ci", fields);
}

static void
call(struct world *w, int nid, const char *value)
{
	call_by(w, &w->root, nid, value);
}

static const struct cert *
last_authority(const struct world *w)
{
	return w->n_middle != 0 ? &w->middle[w->n_middle - 1] : &w->root;
}

/* One more authority between the root and the client. */
static void
add_middle(struct world *w, const struct cert_field *fields)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "middle %zu", w->n_middle);
	cert_make(&w->middle[w->n_middle], last_authority(w), name, fields);
	w->n_middle++;
}

static void
call_through(struct world *w, const struct cert_field *of_middle)
{
	add_middle(w, of_middle);
	call_by(w, last_authority(w), 0, NULL);
}

static const struct cert_field plain_ca[] = {
	IS_CA, MAY_SIGN, IDENTIFIED, NOTHING_MORE,
};

static void
use_root(struct world *w, const struct cert_field *fields)
{
	cert_free(&w->root);
	cert_make(&w->root, NULL, "root", fields);
	trust(w, &w->root);
}

/* Gives a certificate another key, and has it signed anew. */
static void
give_key(struct cert *c, const struct cert *issuer, EVP_PKEY *key)
{
	assert_non_null(key);
	EVP_PKEY_free(c->key);
	c->key = key;
	X509_set_pubkey(c->x509, key);
	cert_sign_again(c, issuer, EVP_sha256());
}

/* -- who is accepted -- */

static void
of_the_root(struct world *w)
{
	call(w, NID_ext_key_usage, "clientAuth");
}

static void
without_any_usage(struct world *w)
{
	call(w, 0, NULL);
}

static void
for_both_roles(struct world *w)
{
	call(w, NID_ext_key_usage, "serverAuth,clientAuth");
}

static void
with_a_spiffe_id(struct world *w)
{
	call(w, NID_subject_alt_name, "URI:spiffe://corp/team-a/x");
}

static void
through_one(struct world *w)
{
	call_through(w, plain_ca);
}

static void
through_three(struct world *w)
{
	add_middle(w, plain_ca);
	add_middle(w, plain_ca);
	call_through(w, plain_ca);
}

static void
of_the_second_root(struct world *w)
{
	w->ca = join(w->ca, cert_text(&w->other));
	call_by(w, &w->other, 0, NULL);
}

static void
of_a_root_without_formalities(struct world *w)
{
	static const struct cert_field sloppy[] = {
		{ NID_basic_constraints, "CA:TRUE" }, NOTHING_MORE,
	};

	use_root(w, sloppy);
	call(w, 0, NULL);
}

static const struct cert_field last_ca[] = {
	{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
	MAY_SIGN, IDENTIFIED, NOTHING_MORE,
};

static void
of_a_root_that_is_the_last(struct world *w)
{
	use_root(w, last_ca);
	call(w, 0, NULL);
}

static void
constrain(struct world *w, const char *constraint, const char *names)
{
	const struct cert_field fields[] = {
		IS_CA, MAY_SIGN, IDENTIFIED,
		{ NID_name_constraints, constraint }, NOTHING_MORE,
	};

	add_middle(w, fields);
	call_by(w, last_authority(w), NID_subject_alt_name, names);
}

static void
within_a_permitted_trust_domain(struct world *w)
{
	constrain(w, "critical,permitted;URI:corp.example",
	    "URI:spiffe://corp.example/x");
}

static void
self_signed_and_named(struct world *w)
{
	cert_make_alone(&w->client, "DNS:ci");
	trust(w, &w->client);
}

static void
with_a_large_key(struct world *w)
{
	of_the_root(w);
	give_key(&w->client, &w->root, EVP_RSA_gen(2048));
}

static void
with_another_digest(struct world *w)
{
	of_the_root(w);
	cert_sign_again(&w->client, &w->root, EVP_sha384());
}

static void
not_revoked(struct world *w)
{
	of_the_root(w);
	w->crl = cert_crl_text(&w->root, -HOUR, HOUR, &w->other);
}

static void
not_revoked_through_one(struct world *w)
{
	through_one(w);
	w->crl = join(cert_crl_text(&w->root, -HOUR, HOUR, NULL),
	    cert_crl_text(&w->middle[0], -HOUR, HOUR, NULL));
}

/* -- who is not -- */

static void
without_one(struct world *w)
{
	w->silent = true;
}

static void
expired(struct world *w)
{
	cert_make_client(&w->client, &w->root, "ci", -2 * HOUR, -HOUR);
}

static void
not_yet_valid(struct world *w)
{
	cert_make_client(&w->client, &w->root, "ci", HOUR, 2 * HOUR);
}

static void
through_one_in(struct world *w, long from, long until)
{
	cert_make_authority(&w->middle[0], &w->root, "middle", from, until);
	w->n_middle = 1;
	call_by(w, &w->middle[0], 0, NULL);
}

static void
through_an_expired_one(struct world *w)
{
	through_one_in(w, -2 * HOUR, -HOUR);
}

static void
through_one_not_yet_valid(struct world *w)
{
	through_one_in(w, HOUR, 2 * HOUR);
}

static void
of_an_expired_root(struct world *w)
{
	cert_free(&w->root);
	cert_make_authority(&w->root, NULL, "root", -2 * HOUR, -HOUR);
	trust(w, &w->root);
	of_the_root(w);
}

static void
of_another_root(struct world *w)
{
	call_by(w, &w->other, 0, NULL);
}

static void
of_another_root_that_is_sent(struct world *w)
{
	of_another_root(w);
	w->sends_other = true;
}

static void
of_another_root_of_that_name(struct world *w)
{
	cert_free(&w->other);
	cert_make_root(&w->other, "root");
	of_another_root(w);
	w->sends_other = true;
}

static void
self_signed(struct world *w)
{
	cert_make_alone(&w->client, "URI:spiffe://corp/x");
}

static void
through_one_that_is_not_sent(struct world *w)
{
	through_one(w);
	w->keeps_middle = true;
}

static void
where_only_the_middle_is_trusted(struct world *w)
{
	through_one(w);
	trust(w, &w->middle[0]);
}

static void
for_servers(struct world *w)
{
	call(w, NID_ext_key_usage, "serverAuth");
}

static void
for_mail(struct world *w)
{
	call(w, NID_ext_key_usage, "emailProtection");
}

static void
for_anything(struct world *w)
{
	call(w, NID_ext_key_usage, "anyExtendedKeyUsage");
}

static void
that_only_signs_lists(struct world *w)
{
	call(w, NID_key_usage, "critical,cRLSign");
}

static void
that_only_agrees_on_keys(struct world *w)
{
	call(w, NID_key_usage, "critical,keyAgreement");
}

static void
through_one_for_servers(struct world *w)
{
	static const struct cert_field fields[] = {
		IS_CA, MAY_SIGN, IDENTIFIED,
		{ NID_ext_key_usage, "serverAuth" }, NOTHING_MORE,
	};

	call_through(w, fields);
}

static void
through_another_client(struct world *w)
{
	static const struct cert_field fields[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" }, IDENTIFIED,
		NOTHING_MORE,
	};

	call_through(w, fields);
}

static void
through_one_that_says_nothing(struct world *w)
{
	static const struct cert_field fields[] = { IDENTIFIED,
	    NOTHING_MORE };

	call_through(w, fields);
}

static void
through_one_that_may_not_sign(struct world *w)
{
	static const struct cert_field fields[] = {
		IS_CA, { NID_key_usage, "critical,digitalSignature" },
		IDENTIFIED, NOTHING_MORE,
	};

	call_through(w, fields);
}

static void
through_one_without_formalities(struct world *w)
{
	static const struct cert_field fields[] = {
		{ NID_basic_constraints, "CA:TRUE" }, NOTHING_MORE,
	};

	call_through(w, fields);
}

static void
through_one_of_version_1(struct world *w)
{
	add_middle(w, plain_ca + 3);
	X509_set_version(w->middle[0].x509, 0);
	cert_sign_again(&w->middle[0], &w->root, EVP_sha256());
	call_by(w, &w->middle[0], 0, NULL);
}

static void
beyond_the_last_authority(struct world *w)
{
	use_root(w, last_ca);
	through_one(w);
}

static void
beyond_the_last_in_between(struct world *w)
{
	add_middle(w, last_ca);
	call_through(w, plain_ca);
}

static void
outside_the_permitted_trust_domain(struct world *w)
{
	constrain(w, "critical,permitted;URI:corp.example",
	    "URI:spiffe://evil.example/x");
}

static void
within_an_excluded_trust_domain(struct world *w)
{
	constrain(w, "critical,excluded;URI:corp.example",
	    "URI:spiffe://corp.example/x");
}

static void
outside_the_permitted_names(struct world *w)
{
	constrain(w, "critical,permitted;DNS:corp.example",
	    "DNS:ci.corp.example,DNS:evil.example");
}

static void
revoked(struct world *w)
{
	of_the_root(w);
	w->crl = cert_crl_text(&w->root, -HOUR, HOUR, &w->client);
}

static void
through_a_revoked_one(struct world *w)
{
	through_one(w);
	w->crl = join(cert_crl_text(&w->root, -HOUR, HOUR, &w->middle[0]),
	    cert_crl_text(&w->middle[0], -HOUR, HOUR, NULL));
}

static void
by_an_old_list(struct world *w)
{
	of_the_root(w);
	w->crl = cert_crl_text(&w->root, -2 * HOUR, -HOUR, NULL);
}

static void
by_a_list_of_the_future(struct world *w)
{
	of_the_root(w);
	w->crl = cert_crl_text(&w->root, HOUR, 2 * HOUR, NULL);
}

static void
without_a_list_of_the_middle(struct world *w)
{
	through_one(w);
	w->crl = cert_crl_text(&w->root, -HOUR, HOUR, NULL);
}

static void
without_a_list_of_the_root(struct world *w)
{
	through_one(w);
	w->crl = cert_crl_text(&w->middle[0], -HOUR, HOUR, NULL);
}

static void
by_a_list_of_another_root(struct world *w)
{
	of_the_root(w);
	w->crl = cert_crl_text(&w->other, -HOUR, HOUR, NULL);
}

static void
by_a_forged_list(struct world *w)
{
	of_the_root(w);
	cert_free(&w->other);
	cert_make_root(&w->other, "root");
	w->crl = cert_crl_text(&w->other, -HOUR, HOUR, NULL);
}

static void
signed_with_sha1(struct world *w)
{
	of_the_root(w);
	cert_sign_again(&w->client, &w->root, EVP_sha1());
}

static void
signed_with_md5(struct world *w)
{
	give_key(&w->root, &w->root, EVP_RSA_gen(2048));
	trust(w, &w->root);
	of_the_root(w);
	cert_sign_again(&w->client, &w->root, EVP_md5());
}

static void
through_one_signed_with_sha1(struct world *w)
{
	through_one(w);
	cert_sign_again(&w->middle[0], &w->root, EVP_sha1());
}

static void
with_a_small_key(struct world *w)
{
	of_the_root(w);
	give_key(&w->client, &w->root, EVP_RSA_gen(1024));
}

static void
through_one_with_a_small_curve(struct world *w)
{
	add_middle(w, plain_ca);
	give_key(&w->middle[0], &w->root, EVP_EC_gen("P-192"));
	call_by(w, &w->middle[0], 0, NULL);
}

static void
through_one_with_a_small_key(struct world *w)
{
	add_middle(w, plain_ca);
	give_key(&w->middle[0], &w->root, EVP_RSA_gen(1024));
	call_by(w, &w->middle[0], 0, NULL);
}

static void
with_something_critical(struct world *w)
{
	/* Of that number nobody has heard. */
	call(w, NID_setct_PANData, "critical,DER:05:00");
}

static const struct cert_field ca_that_calls[] = {
	IS_CA, IDENTIFIED,
	{ NID_key_usage, "critical,digitalSignature,keyCertSign" },
	NOTHING_MORE,
};

static void
as_an_authority(struct world *w)
{
	cert_make(&w->client, &w->root, "ci", ca_that_calls);
}

static void
as_the_root_itself(struct world *w)
{
	use_root(w, ca_that_calls);
	w->client = (struct cert){ .key = w->root.key, .x509 = w->root.x509 };
	EVP_PKEY_up_ref(w->client.key);
	X509_up_ref(w->client.x509);
}

static void
as_a_client_that_may_sign(struct world *w)
{
	call(w, NID_key_usage, "critical,digitalSignature,keyCertSign");
}

static void
with_two_uris(struct world *w)
{
	call(w, NID_subject_alt_name,
	    "URI:spiffe://corp/a,URI:spiffe://corp/b");
}

static void
with_a_nul_in_its_uri(struct world *w)
{
	call(w, NID_subject_alt_name, "DER:30:07:86:05:61:00:62:63:64");
}

static void
with_a_nul_in_its_dns_name(struct world *w)
{
	call(w, NID_subject_alt_name, "DER:30:07:82:05:61:00:62:63:64");
}

static void
with_broken_names(struct world *w)
{
	call(w, NID_subject_alt_name, "DER:30:03:86:05:61");
}

static void
with_a_tampered_signature(struct world *w)
{
	const ASN1_BIT_STRING *s;
	union { const unsigned char *in; unsigned char *out; } u;

	of_the_root(w);
	X509_get0_signature(&s, NULL, w->client.x509);
	u.in = ASN1_STRING_get0_data(s);
	u.out[ASN1_STRING_length(s) - 1] ^= 1;
}

static void
through_nine(struct world *w)
{
	for (unsigned i = 0; i < 8; i++)
		add_middle(w, plain_ca);
	call_through(w, plain_ca);
}

static void
with_a_long_certificate(struct world *w)
{
	size_t n = TLS_CLIENT_CHAIN_MOST;
	char *zeros = xcalloc(n + 1, 1), *comment;

	memset(zeros, 'a', n);
	comment = xasprintf("%s", zeros);
	call(w, NID_netscape_comment, comment);
	free(zeros);
	free(comment);
}

static void
as_a_delegate(struct world *w)
{
	/* A proxy certificate (RFC 3820), with the policy "inherit all". */
	static const struct cert_field proxy[] = {
		{ NID_proxyCertInfo, "critical,"
		    "DER:30:0c:30:0a:06:08:2b:06:01:05:05:07:15:01" },
		NOTHING_MORE,
	};

	add_middle(w, (const struct cert_field[]){ LEAF, IDENTIFIED,
	    NOTHING_MORE });
	cert_make(&w->client, &w->middle[0], "ci", proxy);
}

static void
optional_and_expired(struct world *w)
{
	w->optional = true;
	expired(w);
}

static void
optional_and_of_another_root(struct world *w)
{
	w->optional = true;
	of_another_root(w);
}

/* -- the table -- */

#define CASE(make, why)	{ #make, make, why }

/* why: a part of what is told of the refusal; NULL: there is none. */
static const struct {
	const char *name;
	void (*make)(struct world *);
	const char *why;
} cases[] = {
	CASE(of_the_root, NULL),
	CASE(without_any_usage, NULL),
	CASE(for_both_roles, NULL),
	CASE(with_a_spiffe_id, NULL),
	CASE(through_one, NULL),
	CASE(through_three, NULL),
	CASE(of_the_second_root, NULL),
	CASE(of_a_root_without_formalities, NULL),
	CASE(of_a_root_that_is_the_last, NULL),
	CASE(within_a_permitted_trust_domain, NULL),
	CASE(self_signed_and_named, NULL),
	CASE(with_a_large_key, NULL),
	CASE(with_another_digest, NULL),
	CASE(not_revoked, NULL),
	CASE(not_revoked_through_one, NULL),

	CASE(without_one, "has no certificate, and 'required' asks for one"),
	CASE(expired, "certificate has expired"),
	CASE(not_yet_valid, "certificate is not yet valid"),
	CASE(through_an_expired_one, "certificate has expired"),
	CASE(through_one_not_yet_valid, "certificate is not yet valid"),
	CASE(of_an_expired_root, "certificate has expired"),
	CASE(of_another_root, "client_ca does not have its authority"),
	CASE(of_another_root_that_is_sent,
	    "client_ca does not have this authority"),
	CASE(of_another_root_of_that_name, "certificate of the client: "),
	CASE(self_signed, "client_ca does not have this authority"),
	CASE(through_one_that_is_not_sent,
	    "the client did not send one between"),
	CASE(where_only_the_middle_is_trusted, "issuer certificate"),
	CASE(for_servers, "not meant for clients"),
	CASE(for_mail, "not meant for clients"),
	CASE(for_anything, "not meant for clients"),
	CASE(that_only_signs_lists, "not meant for clients"),
	CASE(that_only_agrees_on_keys, "keyUsage digitalSignature"),
	CASE(through_one_for_servers, "not meant for clients"),
	CASE(through_another_client, "invalid CA certificate"),
	CASE(through_one_that_says_nothing, "invalid CA certificate"),
	CASE(through_one_that_may_not_sign, "certificate of the client: "),
	CASE(through_one_without_formalities, "certificate of the client: "),
	CASE(through_one_of_version_1, "invalid CA certificate"),
	CASE(beyond_the_last_authority, "path length"),
	CASE(beyond_the_last_in_between, "path length"),
	CASE(outside_the_permitted_trust_domain, "permitted subtree"),
	CASE(within_an_excluded_trust_domain, "excluded subtree"),
	CASE(outside_the_permitted_names, "permitted subtree"),
	CASE(revoked, "certificate revoked"),
	CASE(through_a_revoked_one, "certificate revoked"),
	CASE(by_an_old_list, "client_crl needs a newer list"),
	CASE(by_a_list_of_the_future, "CRL is not yet valid"),
	CASE(without_a_list_of_the_middle, "client_crl has no list"),
	CASE(without_a_list_of_the_root, "client_crl has no list"),
	CASE(by_a_list_of_another_root, "client_crl has no list"),
	CASE(by_a_forged_list, "CRL"),
	CASE(signed_with_sha1, "too weak"),
	CASE(signed_with_md5, "too weak"),
	CASE(through_one_signed_with_sha1, "too weak"),
	CASE(with_a_small_key, "key too"),
	CASE(through_one_with_a_small_curve, "key too"),
	CASE(through_one_with_a_small_key, "key too"),
	CASE(with_something_critical, "unhandled critical extension"),
	CASE(as_an_authority, "it is an authority's"),
	CASE(as_the_root_itself, "it is an authority's"),
	CASE(as_a_client_that_may_sign, "certificate of the client: "),
	CASE(with_two_uris, "it has two URI names"),
	CASE(with_a_nul_in_its_uri, "a byte that no name has"),
	CASE(with_a_nul_in_its_dns_name, "a byte that no name has"),
	CASE(with_broken_names, "certificate of the client: "),
	CASE(with_a_tampered_signature, "signature failure"),
	CASE(through_nine, "certificate chain too long"),
	CASE(with_a_long_certificate, "too long a message"),
	CASE(as_a_delegate, "certificate of the client: "),
	CASE(optional_and_expired, "certificate has expired"),
	CASE(optional_and_of_another_root,
	    "client_ca does not have its authority"),
};

/* -- running them -- */

static void
world_make(struct world *w, void (*make)(struct world *))
{
	*w = (struct world){ .n_middle = 0 };
	cert_make_root(&w->root, "root");
	cert_make_root(&w->other, "other");
	trust(w, &w->root);
	make(w);
}

static void
world_end(struct world *w)
{
	cert_free(&w->root);
	cert_free(&w->other);
	cert_free(&w->client);
	for (size_t i = 0; i < w->n_middle; i++)
		cert_free(&w->middle[i]);
	cert_text_free(w->ca);
	cert_text_free(w->crl);
}

static void
ask(const struct world *w, int version, struct called *c)
{
	const struct tls_server_conf conf = {
		.certificate = server_text, .certificate_key = server_key,
		.client_ca = w->ca, .client_crl = w->crl,
		.required = !w->optional,
	};
	size_t n = 0;
	struct tls_server *t = tls_server_new(&conf, c->why, sizeof(c->why));

	if (t == NULL)
		fail_msg("%s", c->why);
	*c = (struct called){ .version = version };
	if (!w->silent)
		c->cert = &w->client;
	for (size_t i = w->n_middle; i > 0 && !w->keeps_middle; i--)
		c->chain[n++] = &w->middle[i - 1];
	if (w->sends_other)
		c->chain[n++] = &w->other;
	called_shake_hands(c, t);
	tls_server_free(t);
}

static unsigned wrongly_accepted;

static void
check(const char *name, const struct world *w, int version, const char *why)
{
	struct called c;

	ask(w, version, &c);
	wrongly_accepted += why != NULL && c.good &&
	    c.proof != TLS_CLIENT_REFUSED;
	if (why == NULL && (!c.good || c.proof != TLS_CLIENT_NAMED))
		fail_msg("%s, %x: refused: %s", name, version, c.why);
	if (why != NULL && c.good)
		fail_msg("%s, %x: accepted", name, version);
	if (why != NULL && strstr(c.why, why) == NULL)
		fail_msg("%s, %x: %s", name, version, c.why);
	called_end(&c);
	called_release(&c);
}

static void
a_client_is_accepted_by_its_certificate_or_told_why_not(void **state)
{
	const size_t n = sizeof(cases) / sizeof(cases[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct world w;

		world_make(&w, cases[i].make);
		check(cases[i].name, &w, TLS1_2_VERSION, cases[i].why);
		check(cases[i].name, &w, TLS1_3_VERSION, cases[i].why);
		world_end(&w);
	}
	assert_int_equal(wrongly_accepted, 0);
	print_message("%zu cases, 2 versions, %u wrongly accepted\n", n,
	    wrongly_accepted);
}

static void
with_a_large_curve(struct world *w)
{
	of_the_root(w);
	give_key(&w->client, &w->root, EVP_EC_gen("P-521"));
}

/*
 * With TLS 1.2 the groups for the exchange of keys are those for signatures,
 * too, and the largest costs too much there.
 */
static void
a_large_curve_is_for_tls_1_3(void **state)
{
	struct world w;

	(void)state;
	world_make(&w, with_a_large_curve);
	check("with_a_large_curve", &w, TLS1_2_VERSION, "with TLS 1.2 the key");
	check("with_a_large_curve", &w, TLS1_3_VERSION, NULL);
	world_end(&w);
}

/* -- nobody has to have one -- */

static void
without_one_where_none_is_required(struct world *w)
{
	w->silent = w->optional = true;
}

static void
a_client_without_a_certificate_is_anybody(void **state)
{
	struct world w;
	struct called c;

	(void)state;
	world_make(&w, without_one_where_none_is_required);
	ask(&w, 0, &c);
	assert_true(c.good);
	assert_int_equal(c.proof, TLS_CLIENT_ANYBODY);
	called_end(&c);
	called_release(&c);
	world_end(&w);
}

static void
where_no_authority_is_named_nobody_is_asked(void **state)
{
	struct world w;
	struct called c;

	(void)state;
	world_make(&w, of_the_root);
	cert_text_free(w.ca);
	w.ca = (struct text){ .p = NULL };
	ask(&w, 0, &c);
	assert_true(c.good);
	assert_int_equal(c.proof, TLS_CLIENT_ANYBODY);
	assert_null(SSL_get0_peer_certificate(c.server));
	called_end(&c);
	called_release(&c);
	world_end(&w);
}

static void
the_names_are_those_of_the_certificate(void **state)
{
	struct world w;
	struct called c;

	(void)state;
	world_make(&w, with_a_spiffe_id);
	ask(&w, 0, &c);
	assert_true(c.good);
	assert_int_equal(c.proof, TLS_CLIENT_NAMED);
	assert_string_equal(c.names.uri, "spiffe://corp/team-a/x");
	assert_string_equal(c.names.subject, "CN=ci");
	called_end(&c);
	called_release(&c);
	world_end(&w);
}

static void
what_verifies_nobody_is_refused_beforehand(void **state)
{
	struct tls_server_conf conf = {
		.certificate = server_text, .certificate_key = server_key,
		.client_ca = TEXT("nothing"),
	};
	struct cert root;
	char why[256];

	(void)state;
	assert_null(tls_server_new(&conf, why, sizeof(why)));
	assert_string_equal(why, "client_ca holds no certificate");
	cert_make_root(&root, "root");
	conf.client_ca = cert_text(&root);
	conf.client_crl = TEXT("nothing");
	assert_null(tls_server_new(&conf, why, sizeof(why)));
	assert_string_equal(why, "client_crl holds no list");
	cert_text_free(conf.client_ca);
	cert_free(&root);
}

static int
set_up_server(void **state)
{
	(void)state;
	cert_make_alone(&server_cert, "DNS:sallyport.test");
	server_text = cert_text(&server_cert);
	server_key = cert_key_text(&server_cert, NULL);
	return 0;
}

static int
end_server(void **state)
{
	(void)state;
	cert_free(&server_cert);
	cert_text_free(server_text);
	cert_text_free(server_key);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_client_is_accepted_by_its_certificate_or_told_why_not),
		cmocka_unit_test(a_large_curve_is_for_tls_1_3),
		cmocka_unit_test(a_client_without_a_certificate_is_anybody),
		cmocka_unit_test(where_no_authority_is_named_nobody_is_asked),
		cmocka_unit_test(the_names_are_those_of_the_certificate),
		cmocka_unit_test(what_verifies_nobody_is_refused_beforehand),
	};

	return cmocka_run_group_tests(tests, set_up_server, end_server);
}
