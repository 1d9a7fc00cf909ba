/*
 * The strict predicates of RFC 9110, RFC 9112 and RFC 3986 that decide
 * whether a piece of a message may pass.  Each takes the piece and nothing
 * else, so that each can be tested alone; none repairs anything.
 */
#ifndef HTTP_RULES_H
#define HTTP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "http/fields.h"

/* Classes of bytes; CR, LF and NUL are in none of them. */
enum rules_class {
	CHAR_TOKEN = 0x01,	/* tchar, RFC 9110 section 5.6.2 */
	CHAR_FIELD = 0x02,	/* field-vchar, SP, HTAB: section 5.5 */
	CHAR_TARGET = 0x04,	/* RFC 3986 pchar but "%"; "/" */
	CHAR_HOST = 0x08,	/* RFC 3986 reg-name but "%" and "," */
	CHAR_HEX = 0x10,
	CHAR_DIGIT = 0x20,
	CHAR_FOLD = 0x40,	/* "_" and ".", read as "-" by some */
	CHAR_RAW = 0x80,	/* "{}[]|^`\"<>\", see target_takes_raw() */
};

extern const uint8_t rules_chars[256];

static inline bool
char_is(char c, enum rules_class class)
{
	return (rules_chars[(unsigned char)c] & class) != 0;
}

/* The number of bytes of a class that a text begins with. */
size_t	rules_span(struct text, enum rules_class);

/*
 * The first byte from p on that is not of the class.  There must be one, such
 * as CR.
 */
const char	*rules_skip(const char *p, enum rules_class);

/* The same as a text; moves *at behind it. */
struct text	rules_take(const char **at, enum rules_class);

/* RFC 9110 section 5.6.2. */
bool	token_is_valid(struct text);

/*
 * A name that a gateway in another language could take for Authorization,
 * Content-Length, Transfer-Encoding, Host or Connection, though it is none of
 * them: CGI and its successors read "_" and "." like "-".  Refused in requests.
 */
bool	field_name_is_disguised(struct text name);

/*
 * A name as such a gateway may read it: in lower case, "_" and "." as "-", and
 * none of these at its ends, where some drop them.  The result lies in buf; it
 * is empty where buf is too small.
 */
struct text field_name_fold(struct text name, char *buf, size_t size);

/* Both fold to the same. */
bool	field_names_are_alike(struct text, struct text);

/*
 * An option of Connection is a token, and must not name a field that we or
 * the upstream rely on (RFC 9110 section 7.6.1): Host, Content-Length,
 * Transfer-Encoding, Authorization.
 */
bool	connection_option_is_refused(struct text option);

/* Framing has no place in trailers (RFC 9110 section 6.5.1). */
bool	trailer_is_refused(enum field_id);

/* Digits only, at most 2^63-1 (RFC 9110 section 8.6). */
bool	content_length_parse(struct text, uint64_t *);

/* Exactly "chunked" (RFC 9112 section 6.1); we know no other coding. */
bool	transfer_encoding_is_chunked(struct text);

/* 1 to 16 hexadecimal digits, at most 2^63-1 (RFC 9112 section 7.1). */
bool	chunk_size_parse(struct text, uint64_t *);

/* The bytes between chunk size and CRLF (RFC 9112 section 7.1.1). */
bool	chunk_extensions_are_valid(struct text);

/*
 * host [":" port] as in Host (RFC 9110 section 7.2): a name of RFC 3986
 * reg-name without comma, an IPv4 or a bracketed IPv6 address; no userinfo,
 * not empty; a port is up to five digits, at most 65535, and may be empty.
 */
struct authority {
	struct text host;	/* with its brackets */
	unsigned port;		/* 0: none was given */
};
bool	authority_parse(struct text, struct authority *);

/* The same host and port; a missing port is default_port. */
bool	authority_agrees(const struct authority *, const struct authority *,
	    unsigned default_port);

/*
 * RFC 3986 wants these bytes encoded, but today's clients send them raw:
 * braces, brackets, "|", "^" and "`"; in a query also "<", ">", the quotation
 * mark and the backslash.  They are passed on percent-encoded.
 */
bool	target_takes_raw(char, bool in_query);

/*
 * The end of the longest run of bytes that may stand in a request target, raw
 * ones included, with every "%" followed by two hexadecimal digits; NULL where
 * a "%" is not.  There must be a byte of no class, such as CR, behind the run.
 */
const char	*target_end(const char *);

#endif
