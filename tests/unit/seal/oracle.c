/*
 * Answers questions about src/seal/ on standard input, one per line, for
 * vectors.py and passphrase.py: a word and its arguments in hexadecimal ("-"
 * is empty), and the answer is a status name or "ok" or "fail", then bytes
 * in hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "seal/crypto.h"
#include "seal/mlkem.h"
#include "seal/opener.h"
#include "seal/passphrase.h"
#include "seal/seal.h"

#define ARGS	5

/* The arguments of a question, decoded. */
struct question {
	const char *word;
	struct buf args[ARGS];
	size_t n;
};

static uint8_t
digit(char c)
{
	return (uint8_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

static void
decode(struct buf *b, const char *hex)
{
	size_t n = strcmp(hex, "-") != 0 ? strlen(hex) / 2 : 0;
	uint8_t *p;

	buf_init(b, NULL);
	p = buf_reserve(b, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(digit(hex[2 * i]) << 4 |
		    digit(hex[2 * i + 1]));
	buf_commit(b, n);
}

static struct span
arg(const struct question *q, size_t i)
{
	return (struct span){ buf_data(&q->args[i]), buf_len(&q->args[i]) };
}

static void
answer(const char *word, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	printf("%s ", word);
	for (size_t i = 0; i < n; i++) {
		putchar(digits[p[i] >> 4]);
		putchar(digits[p[i] & 15]);
	}
	putchar('\n');
}

static void
answer_bool(bool ok, const uint8_t *p, size_t n)
{
	answer(ok ? "ok" : "fail", p, ok ? n : 0);
}

static const char *
status_name(enum status status)
{
	static const char *const names[] = {
#define STATUS(name, text) [STATUS_##name] = #name,
#include "base/status.tbl"
#undef STATUS
	};

	return names[status];
}

static void
x25519(const struct question *q)
{
	uint8_t shared[CRYPTO_POINT];

	answer_bool(crypto_x25519(arg(q, 0).p, arg(q, 1).p, shared), shared,
	    sizeof(shared));
}

static void
hkdf(const struct question *q)
{
	size_t n = strtoul((const char *)arg(q, 3).p, NULL, 10);
	uint8_t *out = xmalloc(n);

	answer_bool(crypto_hkdf(arg(q, 0), arg(q, 1), arg(q, 2), out, n), out,
	    n);
	free(out);
}

static void
hmac(const struct question *q)
{
	uint8_t out[CRYPTO_HASH];

	answer_bool(crypto_hmac(arg(q, 0), arg(q, 1), out), out, sizeof(out));
}

static void
hashes(const struct question *q)
{
	uint8_t out[CRYPTO_HASH + 200];

	answer_bool(crypto_sha3(arg(q, 0), out) &&
	    crypto_shake(arg(q, 0), out + CRYPTO_HASH, 200), out,
	    sizeof(out));
}

static void
aead(const struct question *q, bool sealing)
{
	struct aead *a = aead_new(arg(q, 0).p);
	struct span in = arg(q, 3);
	uint8_t *out = xmalloc(in.n + CRYPTO_TAG);

	if (sealing)
		answer_bool(aead_seal(a, arg(q, 1).p, arg(q, 2), in, out), out,
		    in.n + CRYPTO_TAG);
	else
		answer_bool(aead_open(a, arg(q, 1).p, arg(q, 2), in, out), out,
		    in.n - CRYPTO_TAG);
	free(out);
	aead_free(a);
}

static enum status
keep(void *ctx, const uint8_t *p, size_t n)
{
	buf_append(ctx, p, n);
	return STATUS_OK;
}

static enum status
open_streaming(const struct identities *ids, struct span file, bool armored,
    struct buf *plain)
{
	struct seal_writer out = { .write = keep, .ctx = plain };
	struct opener *o = opener_new(ids);
	enum status status;

	if (armored)
		opener_expect_armor(o);
	status = opener_push(o, file.p, file.n, out);
	if (status == STATUS_OK)
		status = opener_end(o, out);
	opener_free(o);
	return status;
}

/* NULL where they do not parse. */
static struct identities *
read_identities(struct span file, struct span passphrase)
{
	struct identities *ids = identities_new();
	struct secret *secret;
	unsigned line;

	if (passphrase.n != 0) {
		secret = secret_copy(passphrase.p, passphrase.n);
		identities_set_passphrase(ids, secret);
	}
	if (file.n == 0 ||
	    identities_parse(ids, file.p, file.n, &line) == STATUS_OK)
		return ids;
	identities_free(ids);
	return NULL;
}

/* Opened at once it must be the same, or nothing. */
static bool
whole_agrees(const struct identities *ids, struct span file,
    enum status status, const struct buf *plain)
{
	struct secret *whole = NULL;
	enum status same = seal_open(ids, file.p, file.n, &whole, NULL);
	bool agrees = (whole != NULL) == (status == STATUS_OK) &&
	    (same == status || same == STATUS_NOT_AGE) && (whole == NULL ||
	    secret_equal_bytes(whole, buf_data(plain), buf_len(plain)));

	secret_free(whole);
	return agrees;
}

/*
 * The identities, a passphrase, the file, and whether it is said to be
 * armored: what is released chunk by chunk.
 */
static void
open_file(const struct question *q)
{
	struct identities *ids = read_identities(arg(q, 0), arg(q, 1));
	struct buf plain;
	enum status status;

	if (ids == NULL) {
		answer("bad-identity", NULL, 0);
		return;
	}
	buf_init(&plain, NULL);
	status = open_streaming(ids, arg(q, 2), arg(q, 3).n != 0, &plain);
	if (whole_agrees(ids, arg(q, 2), status, &plain))
		answer(status_name(status), buf_data(&plain),
		    buf_len(&plain));
	else
		answer("differs", NULL, 0);
	buf_release(&plain);
	identities_free(ids);
}

/* Recipients, a passphrase instead, whether to armor it, and the content. */
static void
seal_file(const struct question *q)
{
	struct recipients *r = recipients_new();
	struct span passphrase = arg(q, 1);
	enum status status = STATUS_OK;
	struct secret *secret;
	struct buf sealed;
	unsigned line;

	buf_init(&sealed, NULL);
	if (passphrase.n != 0) {
		secret = secret_copy(passphrase.p, passphrase.n);
		recipients_set_passphrase(r, secret, WORK_FACTOR_DEFAULT);
	} else {
		status = recipients_parse(r, arg(q, 0).p, arg(q, 0).n, &line);
	}
	if (status == STATUS_OK)
		status = seal_close(r, arg(q, 2).n != 0, arg(q, 3).p,
		    arg(q, 3).n, &sealed);
	answer(status_name(status), buf_data(&sealed), buf_len(&sealed));
	buf_release(&sealed);
	recipients_free(r);
}

static void
ask(const struct question *q)
{
	if (strcmp(q->word, "x25519") == 0)
		x25519(q);
	else if (strcmp(q->word, "hkdf") == 0)
		hkdf(q);
	else if (strcmp(q->word, "hmac") == 0)
		hmac(q);
	else if (strcmp(q->word, "aead-seal") == 0)
		aead(q, true);
	else if (strcmp(q->word, "aead-open") == 0)
		aead(q, false);
	else if (strcmp(q->word, "hashes") == 0)
		hashes(q);
	else if (strcmp(q->word, "mlkem") == 0)
		answer_bool(mlkem_offered(), NULL, 0);
	else if (strcmp(q->word, "open") == 0)
		open_file(q);
	else if (strcmp(q->word, "seal") == 0)
		seal_file(q);
	else
		answer("what?", NULL, 0);
}

int
main(void)
{
	struct question q;
	char *line = NULL, *rest, *word;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		rest = line;
		q = (struct question){ .word = strsep(&rest, " \n") };
		while (q.n < ARGS && (word = strsep(&rest, " \n")) != NULL)
			decode(&q.args[q.n++], word);
		ask(&q);
		fflush(stdout);
		for (size_t i = 0; i < q.n; i++)
			buf_release(&q.args[i]);
	}
	free(line);
	return 0;
}
