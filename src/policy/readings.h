/*
 * The ways in which servers read one and the same path.  Nobody can know what
 * stands behind an upstream's name: nginx decodes "%2F" and resolves dots
 * afterwards, Jetty and Tomcat cut parameters (";x") off every segment, Go
 * merges slashes, Node may resolve nothing at all, and two of them in a row
 * decode twice.  A path is never normalised here; it is asked what could be
 * read in it.  Pure: knows no routes and no minting.
 *
 * A reading chooses, for the whole path, which encoded slashes are slashes,
 * how often it decodes, and whether dot segments are resolved before that; and
 * at each segment, whether its parameters are cut, whether it is merged where
 * that leaves it empty, and whether it is resolved where that leaves it dots.
 * What RFC 3986 section 6.2.2.2 calls the same ("%61" and "a") is so in all
 * readings.  The cost is linear in the path's length.
 */
#ifndef POLICY_READINGS_H
#define POLICY_READINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* What makes readings differ, the commonest first. */
enum reading_kind {
	READING_SLASH = 0x01,		/* "%2F" is a slash, or not */
	READING_BACKSLASH = 0x02,	/* "%5C" is a slash, or not */
	READING_PARAMETERS = 0x04,	/* ";x" is cut, or kept; so what is
					   behind "%3B", "%3F" and "%23" */
	READING_DOTS = 0x08,		/* "." and ".." are steps, or names */
	READING_MERGE = 0x10,		/* "//" is one slash, or two */
	READING_TWICE = 0x20,		/* "%25" is decoded once, or again */
	READING_RESERVED = 0x40,	/* "%40" is "@", or not */
	READING_ALL = 0x7f,
};

struct height;

/* Segments between plain slashes that are left of a path. */
struct reading_list {
	struct text *v;			/* NULL: all of them */
	size_t n;
};

/* Opaque but for the first three. */
struct readings {
	struct text path;		/* of the target, without its query */
	unsigned kinds;			/* those that are told apart */
	bool plain;			/* there is one reading */
	bool slash, backslash, twice;	/* the path has some */
	const char *last_step;		/* where the last ".." may end */
	struct reading_list lists[9];
	size_t n_lists;
	struct arena *arena;
	struct height *heights;		/* scratch */
	struct text *names;
	size_t room;
};

/*
 * The readings of a target; its text must live as long.  Any bytes may stand
 * in it.  Costs next to nothing where the target is plain.
 */
void	readings_init(struct readings *, struct text target, struct arena *);

/* The same, in which only differences of these kinds count. */
struct readings	readings_only(const struct readings *, unsigned kinds);

/*
 * The path with encoding taken off as often as it was put on, in the arena:
 * what a row of servers might make of it at the very end.  A "?" that comes
 * to light is a ";" in it, a backslash a slash.
 */
struct text	readings_bare(const struct readings *);

enum readings_match { READINGS_NEVER, READINGS_SOMETIMES, READINGS_ALWAYS };

/* How many bytes of the target a prefix takes. */
struct reading_prefix {
	size_t n;		/* in the first reading that has it */
	bool several;		/* in another it takes another number */
};

/*
 * In which readings the path begins with this one, to the end of a segment.
 * prefix is a plain path without a slash at its end ("/a/b").
 */
enum readings_match readings_begin_with(struct readings *, struct text prefix,
		    struct reading_prefix *);

/*
 * Where a difference of this kind is first found in the path; false where
 * there is none.  What it says after a ";" is not all in the piece.
 */
bool	readings_piece(const struct readings *, enum reading_kind,
	    struct text *piece);

/*
 * The choices that a reading makes for the whole path.  Walk all of them:
 * start with a struct of zeroes but .of; false at the end.
 */
struct reading {
	const struct readings *of;
	unsigned at;
	bool slash, backslash, twice;
	size_t list;
};
bool	reading_next(struct reading *);

/* The one that takes most for a slash and decodes most often. */
struct reading readings_finest(const struct readings *);

/* Walks the segments of one; start with a struct of zeroes but .reading. */
struct reading_walk {
	const struct reading *reading;
	bool begun;
	size_t at;
	struct text left, rest;		/* of the path; of a plain segment */
	bool cut;			/* rest is behind a ";" */
	unsigned steps;			/* what the segment may be but a name */
};
#define READING_SKIPPED	0x1		/* nothing at all */
#define READING_STEP	0x2		/* a step back */
bool	reading_segment(struct reading_walk *, struct text *segment);

/* What every name begins with that it may be, in lower case; '\0': no name. */
char	reading_first(const struct reading *, struct text segment);

/* The segment may be read as this name; or, folded, in any case. */
bool	reading_may_be(const struct reading *, struct text segment,
	    struct text name);
bool	reading_may_fold_to(const struct reading *, struct text segment,
	    struct text name);

/* There is no other way to read it, as far as this reading goes. */
bool	reading_must_be(const struct reading *, struct text segment,
	    struct text name);

/* What it may begin with, in any case. */
bool	reading_may_begin(const struct reading *, struct text segment,
	    struct text beginning);

#endif
