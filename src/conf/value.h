/*
 * Texts of the configuration to values.  Pure: no file, no user database, no
 * option.  Every function returns NULL, or a static text that names the fault
 * and completes `"VALUE": ...`; the result is then not set.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "conf/conf.h"

/* "500ms", "25s", "5m", "6h", "1d": milliseconds. */
const char	*value_time(struct text, int64_t *ms);

/* "100B", "32KiB", "1MiB", "1GiB", and "0": bytes. */
const char	*value_size(struct text, uint64_t *bytes);

/* "50/s", "600/m", "1000/h", "10000/d": so many in so many seconds. */
#define VALUE_RATE_MOST	1000000
const char	*value_rate(struct text, uint32_t *count, uint32_t *seconds);

/* The reverse, in the largest unit that is exact, into VALUE_TEXT bytes. */
#define VALUE_TEXT	32
void		 value_format_time(char *, int64_t ms);
void		 value_format_size(char *, uint64_t bytes);
void		 value_format_rate(char *, uint32_t count, uint32_t seconds);

/*
 * A time as above, of a second at least, "10%", or "1/3": less than half of a
 * life.  The text is not set.
 */
const char	*value_threshold(struct text, struct conf_threshold *);

/* Octal digits, at most 0777. */
const char	*value_mode(struct text, uint32_t *mode);

/* Twice n hexadecimal digits. */
const char	*value_hex(struct text, uint8_t *bytes, size_t n);

/* "sha256//BASE64" of 32 bytes, as curl writes it. */
const char	*value_pin(struct text, uint8_t sha256[32]);

/* A time or a date, strict as in base/date.h: seconds since 1970. */
const char	*value_date(struct text, int64_t *seconds);

/*
 * A host: a name (RFC 1123), an IPv4 address, or an IPv6 address with or
 * without [].  out takes VALUE_HOST bytes and gets it in lower case; an IPv6
 * address in its canonical form (RFC 5952) without [].
 */
#define VALUE_HOST	256
const char	*value_host(struct text, char *out);

/*
 * HOST or HOST:PORT; an IPv6 address needs its [] where a port follows.  *port
 * is unchanged where there is none.
 */
const char	*value_host_port(struct text, char *host, uint16_t *port);

/* "https://HOST[:PORT][/]" */
const char	*value_url(struct text, char *host, uint16_t *port);

/* "http://HOST:PORT[/]", or https, which is with TLS */
const char	*value_proxy(struct text, char *host, uint16_t *port,
		    bool *tls);

/*
 * What a rule says of a client's certificate: "spiffe://corp/team-a/build",
 * where a "*" may stand for each whole segment of the path, or
 * "dns:ci.corp.example".
 */
const char	*value_certificate_name(struct text);

/*
 * One rule means all that another means, or, of a SPIFFE ID, its own name.
 * Rules about DNS names are in lower case.
 */
bool		 value_certificate_covers(struct text rule, struct text other);

/* A SPIFFE ID of a client: one with a path, in the only spelling it has. */
bool		 value_is_spiffe_id(struct text);

/*
 * The text may be a key in the wrong place: it begins with "essu_", or is as
 * long as a key and looks like base64.  Messages do not show such a text.
 */
bool		 value_may_be_secret(struct text);

/*
 * A name of our own: letters, digits, ".", "_", "-"; at most so many, and
 * nothing that may be a key.
 */
#define VALUE_NAME_MAX	64
const char	*value_name(struct text);

/* A value allowed behind "ApiKey ": token68 (RFC 9110 section 11.2). */
const char	*value_token68(struct text);

/* A token (RFC 9110 section 5.6.2), and nothing that may be a key. */
const char	*value_token(struct text);

/* A method that can be allowed: upper case, not CONNECT or TRACE. */
const char	*value_method(struct text);

/*
 * The prefix of a path: begins with "/", no "." or ".." or empty segment, no
 * "%".  *prefix is the path without a slash at its end, empty for "/".
 */
const char	*value_prefix(struct text, struct text *prefix);

/* The value of a key: visible ASCII only. */
const char	*value_secret(struct text);

#endif
