/*
 * The ways in which servers read one and the same path.  The servers behind an
 * upstream's name are not known: nginx decodes "%2F" and resolves dots
 * afterwards, Jetty and Tomcat cut parameters (";x") off every segment, Go
 * merges slashes, Node may resolve nothing at all, and two of them in a row
 * decode twice.  A path is never normalised here; functions ask what could be
 * read in it.  Pure: knows no routes and no minting.
 *
 * A reading chooses, for the whole path, which encoded slashes are slashes, how
 * often it decodes, and whether dot segments are resolved before that; and at
 * each segment, whether its parameters are cut, whether it is merged if it is
 * empty then, and whether it is resolved if it is dots then.  Characters equal
 * by RFC 3986 section 6.2.2.2 ("%61" and "a") are equal in all readings.  The
 * cost is linear in the path's length.
 */
#ifndef POLICY_READINGS_H
#define POLICY_READINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* The differences between readings, the commonest first. */
enum reading_kind {
	READING_SLASH = 0x01,		/* "%2F" is a slash, or not */
	READING_BACKSLASH = 0x02,	/* "%5C" is a slash, or not */
	READING_PARAMETERS = 0x04,	/* ";x" is cut, or kept; also after
					   "%3B", "%3F" and "%23" */
	READING_DOTS = 0x08,		/* "." and ".." are steps, or names */
	READING_MERGE = 0x10,		/* "//" is one slash, or two */
	READING_TWICE = 0x20,		/* "%25" is decoded once, or again */
	READING_RESERVED = 0x40,	/* "%40" is "@", or not */
	READING_ALL = 0x7f,
};

struct height;

/* The segments between plain slashes that remain of a path. */
struct reading_list {
	struct text *v;			/* NULL: all of them */
	size_t n;
};

/* Opaque, except the first three members. */
struct readings {
	struct text path;		/* of the target, without its query */
	unsigned kinds;			/* the kinds that are distinguished */
	bool plain;			/* there is one reading */
	bool slash, backslash, twice;	/* the path has such a piece */
	const char *last_step;		/* where the last ".." may end */
	struct reading_list lists[9];
	size_t n_lists;
	struct arena *arena;
	struct height *heights;		/* scratch */
	struct text *names;
	size_t room;
};

/*
 * The readings of a target; its text must live as long.  It may hold any bytes.
 * Costs next to nothing where the target is plain.
 */
void	readings_init(struct readings *, struct text target, struct arena *);

/* The same, in which only differences of these kinds count. */
struct readings	readings_only(const struct readings *, unsigned kinds);

/*
 * The path with all layers of encoding taken off, in the arena: the last of a
 * row of servers may see it so.  A decoded "?" becomes ";" in it, a backslash
 * "/".
 */
struct text	readings_bare(const struct readings *);

enum readings_match { READINGS_NEVER, READINGS_SOMETIMES, READINGS_ALWAYS };

/* The length of a prefix in the target, in bytes. */
struct reading_prefix {
	size_t n;		/* in the first reading that has it */
	bool several;		/* it has another length in another reading */
};

/*
 * Whether the path begins with this one, up to the end of a segment, in all,
 * some or no readings.  prefix is a plain path without a slash at its end
 * ("/a/b").
 */
enum readings_match readings_begin_with(struct readings *, struct text prefix,
		    struct reading_prefix *);

/*
 * The first piece of the path that makes a difference of this kind; false where
 * there is none.  A parameter is cut in the piece.
 */
bool	readings_piece(const struct readings *, enum reading_kind,
	    struct text *piece);

/*
 * The choices of a reading for the whole path.  To walk all readings, start
 * with a struct of zeroes except .of; false at the end.
 */
struct reading {
	const struct readings *of;
	unsigned at;
	bool slash, backslash, twice;
	size_t list;
};
bool	reading_next(struct reading *);

/* The reading with the most kinds of slashes and the most decoding. */
struct reading readings_finest(const struct readings *);

/* Walks the segments of a reading; start with zeroes except .reading. */
struct reading_walk {
	const struct reading *reading;
	bool begun;
	size_t at;
	struct text left, rest;		/* the rest of the path; of a plain
					   segment */
	bool cut;			/* rest is behind a ";" */
	unsigned steps;			/* what the segment may be besides a
					   name */
};
#define READING_SKIPPED	0x1		/* nothing at all */
#define READING_STEP	0x2		/* a step back */
bool	reading_segment(struct reading_walk *, struct text *segment);

/* The first letter, in lower case, of all names it may be; '\0': no name. */
char	reading_first(const struct reading *, struct text segment);

/* The segment may be read as this name; or, folded, in any case. */
bool	reading_may_be(const struct reading *, struct text segment,
	    struct text name);
bool	reading_may_fold_to(const struct reading *, struct text segment,
	    struct text name);

/* This reading leaves no other way to read the segment. */
bool	reading_must_be(const struct reading *, struct text segment,
	    struct text name);

/* The segment may begin with this name, in any case. */
bool	reading_may_begin(const struct reading *, struct text segment,
	    struct text beginning);

#endif
