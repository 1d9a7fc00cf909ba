/*
 * Records of keys; see key_records.h.
 */
#include "keys/key_records.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_read.h"
#include "conf/value.h"

#define VERSION		1

/* A higher number of a promotion is lowered when it is read. */
#define PROMOTED_HIGH	(UINT32_MAX / 2)

/* A number of a record; see key_facts.tbl. */
struct fact {
	enum records_file file;
	const char *name;
	size_t offset;
	int64_t least, most;
};

static const struct fact facts[] = {
#define FACT(f, n, l, m) \
	{ RECORDS_##f, #n, offsetof(struct key_record, n), (l), (m) },
#include "keys/key_facts.tbl"
#undef FACT
};

#define N_FACTS	(sizeof(facts) / sizeof(facts[0]))

/* What the files say that they are. */
static const char *const titles[] = {
	[RECORDS_KEYS] = "keys", [RECORDS_DISABLED] = "disabled keys",
};

static int64_t
number_of(const struct key_record *k, const struct fact *f)
{
	int64_t v;

	memcpy(&v, (const uint8_t *)k + f->offset, sizeof(v));
	return v;
}

static void
set_number(struct key_record *k, const struct fact *f, int64_t v)
{
	memcpy((uint8_t *)k + f->offset, &v, sizeof(v));
}

/* -- records -- */

/* The place of a fingerprint: of the first one that is not below it. */
static size_t
place_of(const struct key_records *r, const uint8_t *fingerprint)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(r->v[middle].fingerprint, fingerprint,
		    DIGEST_SIZE) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct key_records *r, size_t i, const uint8_t *fingerprint)
{
	return i < r->n &&
	    memcmp(r->v[i].fingerprint, fingerprint, DIGEST_SIZE) == 0;
}

const struct key_record *
key_records_find(const struct key_records *r, const uint8_t *fingerprint)
{
	size_t i = place_of(r, fingerprint);

	return is_at(r, i, fingerprint) ? &r->v[i] : NULL;
}

struct key_record *
key_records_at(struct key_records *r, const uint8_t *fingerprint)
{
	size_t i = place_of(r, fingerprint);

	if (is_at(r, i, fingerprint))
		return &r->v[i];
	if (r->n == r->cap) {
		r->cap = r->cap != 0 ? 2 * r->cap : 16;
		r->v = xreallocarray(r->v, r->cap, sizeof(*r->v));
	}
	memmove(&r->v[i + 1], &r->v[i], (r->n - i) * sizeof(*r->v));
	r->n++;
	memset(&r->v[i], 0, sizeof(*r->v));
	memcpy(r->v[i].fingerprint, fingerprint, DIGEST_SIZE);
	return &r->v[i];
}

/* The greater, the more a record matters. */
#define WEIGHT_MOST	INT64_MAX

static int64_t
weight_of(const struct key_record *k)
{
	return k->disabled != 0 ? WEIGHT_MOST : k->seen;
}

static int
compare_weights(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

/* Of those that weigh as much as the last that stays, this many stay. */
static int64_t
find_limit(const struct key_records *r, size_t most, size_t *equals)
{
	int64_t *weights = xcalloc(r->n, sizeof(*weights)), least;

	for (size_t i = 0; i < r->n; i++)
		weights[i] = weight_of(&r->v[i]);
	qsort(weights, r->n, sizeof(*weights), compare_weights);
	least = weights[most - 1];
	*equals = 0;
	for (size_t i = most; i-- > 0 && weights[i] == least;)
		(*equals)++;
	free(weights);
	return least;
}

void
key_records_limit(struct key_records *r, size_t most)
{
	size_t n = 0, equals;
	int64_t least;

	if (r->n <= most)
		return;
	least = find_limit(r, most, &equals);
	for (size_t i = 0; i < r->n; i++) {
		int64_t weight = weight_of(&r->v[i]);

		if (weight < least || (weight == least && equals == 0 &&
		    weight != WEIGHT_MOST))
			continue;
		if (weight == least && equals != 0)
			equals--;
		r->v[n++] = r->v[i];
	}
	r->n = n;
}

void
key_records_free(struct key_records *r)
{
	free(r->v);
	*r = (struct key_records){ .n = 0 };
}

/* -- writing -- */

static bool
has_facts(const struct key_record *k, enum records_file file)
{
	for (size_t i = 0; i < N_FACTS; i++) {
		if (facts[i].file == file && number_of(k, &facts[i]) != 0)
			return true;
	}
	return false;
}

static void
write_record(struct json *j, const struct key_record *k,
    enum records_file file)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * DIGEST_SIZE];

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		hex[2 * i] = digits[k->fingerprint[i] >> 4];
		hex[2 * i + 1] = digits[k->fingerprint[i] & 15];
	}
	json_object(j, NULL);
	json_str(j, "name", k->name);
	json_text(j, "fingerprint",
	    (struct text){ .p = hex, .n = sizeof(hex) });
	for (size_t i = 0; i < N_FACTS; i++) {
		int64_t v = number_of(k, &facts[i]);

		if (facts[i].file == file && v != 0)
			json_i64(j, facts[i].name, v - 1 + facts[i].least);
	}
	json_object_end(j);
}

void
key_records_write(const struct key_records *r, enum records_file file,
    struct buf *out)
{
	struct json j;

	json_start(&j, out);
	json_object(&j, NULL);
	json_str(&j, "sallyport", titles[file]);
	json_u64(&j, "version", VERSION);
	json_array(&j, "keys");
	for (size_t i = 0; i < r->n; i++) {
		if (has_facts(&r->v[i], file))
			write_record(&j, &r->v[i], file);
	}
	json_array_end(&j);
	json_object_end(&j);
	buf_append(out, "\n", 1);
}

/* -- reading -- */

static const char damaged[] = "it is damaged";

static const struct fact *
find_fact(enum records_file file, struct text name)
{
	for (size_t i = 0; i < N_FACTS; i++) {
		if (facts[i].file == file &&
		    text_eq(name, text_of(facts[i].name)))
			return &facts[i];
	}
	return NULL;
}

/*
 * One member of a record but its fingerprint; 0 is one that is not there yet,
 * so that none is there twice.
 */
static bool
read_member(struct key_record *k, enum records_file file,
    const struct json_value *m)
{
	const struct fact *f = find_fact(file, m->name);
	struct text t = json_string(m);
	int64_t v;

	if (text_eq(m->name, TEXT("name"))) {
		if (m->kind != JSON_STRING || value_name(t) != NULL ||
		    t.n >= sizeof(k->name) || k->name[0] != '\0')
			return false;
		memcpy(k->name, t.p, t.n);
		return true;
	}
	if (text_eq(m->name, TEXT("fingerprint")))
		return true;
	if (f == NULL || !json_whole(m, &v) || v < f->least || v > f->most ||
	    number_of(k, f) != 0)
		return false;
	set_number(k, f, v + 1 - f->least);
	return true;
}

/* Of two of them, it is not known which value is meant. */
static bool
read_fingerprint(struct key_record *k, const struct json_value *record)
{
	const struct json_value *found = NULL;

	for (const struct json_value *m = record->first; m != NULL;
	    m = m->next) {
		if (!text_eq(m->name, TEXT("fingerprint")))
			continue;
		if (found != NULL)
			return false;
		found = m;
	}
	return found != NULL && found->kind == JSON_STRING &&
	    value_hex(found->text, k->fingerprint,
	    sizeof(k->fingerprint)) == NULL;
}

/* What is in the one file is disabled: it is damaged where it is not said. */
static bool
says_enough(const struct key_record *k, enum records_file file)
{
	return k->name[0] != '\0' && has_facts(k, file) &&
	    (file != RECORDS_DISABLED || k->disabled != 0);
}

static bool
read_record(struct key_records *into, enum records_file file,
    const struct json_value *v)
{
	struct key_record k = { .name = "" };

	if (v->kind != JSON_OBJECT || !read_fingerprint(&k, v))
		return false;
	for (const struct json_value *m = v->first; m != NULL; m = m->next) {
		if (!read_member(&k, file, m))
			return false;
	}
	if (!says_enough(&k, file) ||
	    key_records_find(into, k.fingerprint) != NULL)
		return false;
	*key_records_at(into, k.fingerprint) = k;
	return true;
}

static const char *
read_document(struct key_records *into, enum records_file file,
    const struct json_value *v)
{
	const struct json_value *keys = json_member(v, "keys");
	int64_t version;

	if (!text_eq(json_string(json_member(v, "sallyport")),
	    text_of(titles[file])))
		return "it is another file";
	if (!json_whole(json_member(v, "version"), &version))
		return damaged;
	if (version != VERSION)
		return "another version of sallyport wrote it";
	if (v->count != 3 || keys == NULL || keys->kind != JSON_ARRAY ||
	    keys->count > RECORDS_MOST)
		return damaged;
	for (const struct json_value *k = keys->first; k != NULL; k = k->next) {
		if (!read_record(into, file, k))
			return damaged;
	}
	return NULL;
}

static int
compare_promotions(const void *a, const void *b)
{
	const struct key_record *const *x = a, *const *y = b;

	return ((*x)->promoted > (*y)->promoted) -
	    ((*x)->promoted < (*y)->promoted);
}

/*
 * Only their order means something.  Where their numbers are so high that there
 * may be no higher one for the next promotion, they are numbered from 1.
 */
static void
lower_promotions(struct key_records *r)
{
	const struct key_record **sorted = xcalloc(r->n, sizeof(*sorted));
	int64_t *ranks = xcalloc(r->n, sizeof(*ranks)), rank = 0;

	for (size_t i = 0; i < r->n; i++)
		sorted[i] = &r->v[i];
	qsort(sorted, r->n, sizeof(*sorted), compare_promotions);
	for (size_t i = 0; i < r->n && sorted[r->n - 1]->promoted >
	    PROMOTED_HIGH; i++) {
		if (sorted[i]->promoted > (i == 0 ? 0 :
		    sorted[i - 1]->promoted))
			rank++;
		ranks[sorted[i] - r->v] = rank;
	}
	for (size_t i = 0; i < r->n && rank != 0; i++)
		r->v[i].promoted = ranks[i];
	free(ranks);
	free(sorted);
}

/* Takes the facts of that file over; the name of the later one stays. */
static void
add(struct key_records *into, const struct key_record *k,
    enum records_file file)
{
	struct key_record *at = key_records_at(into, k->fingerprint);

	memcpy(at->name, k->name, sizeof(at->name));
	for (size_t i = 0; i < N_FACTS; i++) {
		if (facts[i].file == file)
			set_number(at, &facts[i], number_of(k, &facts[i]));
	}
}

const char *
key_records_read(struct key_records *into, enum records_file file,
    struct text t)
{
	struct blocks *blocks = blocks_new(4096, 4);
	struct key_records found = { .n = 0 };
	const struct json_value *v;
	const char *why = damaged;
	struct arena arena;

	arena_init(&arena, blocks);
	v = t.n <= RECORDS_TEXT_MOST ? json_read(&arena, t) : NULL;
	if (v != NULL)
		why = read_document(&found, file, v);
	if (why == NULL)
		lower_promotions(&found);
	for (size_t i = 0; why == NULL && i < found.n; i++)
		add(into, &found.v[i], file);
	key_records_free(&found);
	arena_release(&arena);
	blocks_free(blocks);
	return why;
}
