/*
 * Writing keys; see key_entry.h.
 */
#include "keyfile/key_entry.h"

#include <stdint.h>
#include <string.h>

/* A text that grows in memory for secrets: counted first, then written. */
struct writer {
	char *p;		/* NULL: only counts */
	size_t n;
};

static void
put(struct writer *w, struct text t)
{
	if (w->p != NULL && t.n != 0)
		memcpy(w->p + w->n, t.p, t.n);
	w->n += t.n;
}

static void
put_char(struct writer *w, char c)
{
	put(w, (struct text){ .p = &c, .n = 1 });
}

static void
put_control(struct writer *w, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	put(w, TEXT("\\x"));
	put_char(w, digits[c >> 4]);
	put_char(w, digits[c & 15]);
}

static void
put_quoted(struct writer *w, struct text t)
{
	put_char(w, '"');
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];

		if (c == '"' || c == '\\')
			put_char(w, '\\');
		if (c == '\n')
			put(w, TEXT("\\n"));
		else if (c == '\t')
			put(w, TEXT("\\t"));
		else if (c < 0x20 || c == 0x7f)
			put_control(w, c);
		else
			put_char(w, t.p[i]);
	}
	put_char(w, '"');
}

static void
put_option(struct writer *w, struct text name, struct text value)
{
	if (value.n == 0)
		return;
	put(w, TEXT("\n    "));
	put(w, name);
	put(w, TEXT(" = "));
	put_quoted(w, value);
	put_char(w, ';');
}

static void
put_key(struct writer *w, const struct key_entry *k)
{
	put(w, TEXT("  { name = "));
	put_quoted(w, k->name);
	put_char(w, ';');
	put_option(w, TEXT("value"), k->value);
	put(w, TEXT("\n    hosts = [ "));
	for (size_t i = 0; i < k->n_hosts; i++) {
		if (i != 0)
			put(w, TEXT(", "));
		put_quoted(w, text_of(k->hosts[i]));
	}
	put(w, TEXT(" ];"));
	put_option(w, TEXT("field"), k->field);
	put_option(w, TEXT("scheme"), k->scheme);
	if (k->plain)
		put(w, TEXT("\n    plain = true;"));
	put_option(w, TEXT("expires"), k->expires);
	put_option(w, TEXT("created"), k->created);
	put_option(w, TEXT("note"), k->note);
	put(w, TEXT(" }"));
}

static void
put_keys(struct writer *w, const struct key_entry *k, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		put_key(w, &k[i]);
		put(w, i + 1 < n ? TEXT(",\n") : TEXT("\n"));
	}
}

struct secret *
key_entries_write(const struct key_entry *k, size_t n)
{
	struct writer count = { .p = NULL }, w = { .p = NULL };
	struct secret *out;

	put_keys(&count, k, n);
	out = secret_new(count.n);
	w.p = (char *)secret_bytes(out);
	put_keys(&w, k, n);
	return out;
}
