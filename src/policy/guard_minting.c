/*
 * The minting guard: is a request one of the calls of minting.tbl? See guard.h.
 * Every reading of its path is judged, and the request that Kibana's console
 * would send on is judged like any other.
 */
#include "policy/guard.h"

#include "policy/console.h"

#define CHANGE	0x1
#define READ	0x2
#define DELETE	0x4		/* and OPTIONS: never a minting call */

static const struct {
	unsigned methods;
	const char *path;
} rows[] = {
#define MINTING(methods, path, source) { methods, path },
#include "policy/minting.tbl"
#undef MINTING
};

#define N_ROWS	(sizeof(rows) / sizeof(*rows))

/* The request that is judged. */
struct call {
	unsigned method;
	const struct readings *readings;
	struct text query;
	bool by_console;		/* it came in the query of another */
	const char *detail;
};

/*
 * The progress of a row: bit n is set if its first n names are the last
 * segments.  After a step back any earlier progress may be the current one.
 */
struct progress {
	unsigned now, ever;
};

static unsigned
class_of(struct text method)
{
	if (text_eq(method, TEXT("GET")) || text_eq(method, TEXT("HEAD")))
		return READ;
	if (text_eq(method, TEXT("DELETE")) ||
	    text_eq(method, TEXT("OPTIONS")))
		return DELETE;
	return CHANGE;
}

/* A segment in one reading. */
struct seen {
	const struct reading *reading;
	struct text text;
	char first;			/* see reading_first() */
	unsigned steps;
};

static bool
see(struct reading_walk *w, struct seen *seen)
{
	if (!reading_segment(w, &seen->text))
		return false;
	seen->reading = w->reading;
	seen->first = reading_first(w->reading, seen->text);
	seen->steps = w->steps;
	return true;
}

static bool
may_be(const struct seen *seen, struct text name)
{
	if (name.p[0] == '*')
		return seen->text.n != 0;
	if (name.p[0] != seen->first)
		return false;
	if (name.p[name.n - 1] == '*')
		return reading_may_begin(seen->reading, seen->text,
		    (struct text){ .p = name.p, .n = name.n - 1 });
	return reading_may_fold_to(seen->reading, seen->text, name);
}

/*
 * The progress of a row with this segment as a name; *whole is the bit for the
 * row's last name.
 */
static unsigned
go_on(unsigned now, const char *path, const struct seen *seen,
    unsigned *whole)
{
	struct text left = text_of(path), name;
	unsigned next = 0, bit = 1;

	for (; text_split(&left, '/', &name); bit <<= 1) {
		if ((bit == 1 || (now & bit)) && may_be(seen, name))
			next |= bit << 1;
	}
	*whole = bit;
	return next;
}

/*
 * One more segment; true: it matches the row's last name.  Most segments match
 * nothing in most rows, which is checked first: there may be thousands of
 * segments, in dozens of readings.
 */
static inline bool
advance(struct progress *p, const char *path, const struct seen *seen)
{
	unsigned next = 0, whole = 0;

	if (p->ever == 0 && seen->first != path[0])
		return false;
	if (p->now != 0 || seen->first == path[0])
		next = go_on(p->now, path, seen, &whole);
	if (seen->steps & READING_SKIPPED)
		next |= p->now;
	if (seen->steps & READING_STEP)
		next |= p->ever;
	p->now = next;
	p->ever |= next;
	return (next & whole) != 0;
}

/*
 * The path matches a row of minting.tbl for such a method.  If none matches,
 * *console becomes true where the path is that of Kibana's console.
 */
static bool
reading_mints(struct call *c, const struct reading *r, bool *console)
{
	struct reading_walk w = { .reading = r };
	struct progress progress[N_ROWS] = { { 0, 0 } };
	struct progress of_console = { 0, 0 };
	struct seen seen;

	while (see(&w, &seen)) {
		for (size_t i = 0; i < N_ROWS; i++) {
			if (!(rows[i].methods & c->method) ||
			    !advance(&progress[i], rows[i].path, &seen))
				continue;
			c->detail = rows[i].path;
			return true;
		}
		*console |= advance(&of_console, "console/proxy", &seen);
	}
	return false;
}

static bool	call_mints(struct call *);

/* Judges the request that Kibana would send to Elasticsearch for this call. */
static bool
console_mints(struct call *c)
{
	struct arena *arena = c->readings->arena;
	struct call inner = { .by_console = true };
	struct readings readings;
	struct text method, path;

	if (c->by_console) {
		c->detail = "Kibana's console within Kibana's console";
		return true;
	}
	c->detail = "Kibana's console takes one 'path' and one 'method'";
	if (!console_read(c->query, arena, &method, &path))
		return true;
	readings_init(&readings, path, arena);
	inner.method = class_of(method);
	inner.readings = &readings;
	c->detail = "what Kibana's console would send on";
	return call_mints(&inner);
}

static bool
path_mints(struct call *c, const struct readings *readings)
{
	struct reading r = { .of = readings };
	bool console = false;

	while (reading_next(&r)) {
		if (reading_mints(c, &r, &console))
			return true;
	}
	return console && console_mints(c);
}

/* The call matches in one of its readings, or with all encoding taken off. */
static bool
call_mints(struct call *c)
{
	struct readings bare;

	if (path_mints(c, c->readings))
		return true;
	if (!c->readings->twice)
		return false;
	readings_init(&bare, readings_bare(c->readings), c->readings->arena);
	return path_mints(c, &bare);
}

enum guard_minting
guard_minting(struct text method, const struct readings *readings,
    struct text query, const char **detail)
{
	const struct readings plainly = readings_only(readings, 0);
	struct call c = {
		.method = class_of(method), .readings = &plainly,
		.query = query,
	};
	enum guard_minting verdict = GUARD_MINTS;

	if (!call_mints(&c)) {
		c.readings = readings;
		verdict = !readings->plain && call_mints(&c) ?
		    GUARD_MAY_MINT : GUARD_HARMLESS;
	}
	*detail = verdict != GUARD_HARMLESS ? c.detail : NULL;
	return verdict;
}
