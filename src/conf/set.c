/*
 * Values of options; see set.h.  One setter per type, and one table of them.
 * What is wrong with a value is said with the value, unless it may be a
 * secret.
 */
#include "conf/set.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "conf/draft.h"
#include "conf/value.h"

typedef bool setter(struct reader *, const struct option_info *,
    const config_setting_t *, void *);

static bool
wrong_type(struct reader *r, const struct option_info *o,
    const config_setting_t *s)
{
	reader_fault(r, s, "option '%s' must be %s", o->name,
	    option_type_text(o->type));
	return false;
}

/* Without the value. */
static bool
refuse_silently(struct reader *r, const struct option_info *o,
    const config_setting_t *s, const char *why)
{
	reader_fault(r, s, "option '%s' %s", o->name, why);
	return false;
}

/* Whoever mixes up a key and its name shall not find the key in a log. */
static bool
may_show(const struct reader *r, const char *value)
{
	return !r->sealed && !value_may_be_secret(text_of(value));
}

static bool
refuse(struct reader *r, const struct option_info *o,
    const config_setting_t *s, const char *why)
{
	const char *value = config_setting_get_string(s);

	if (may_show(r, value))
		reader_fault(r, s, "option '%s': \"%.100s\": %s", o->name,
		    value, why);
	else
		reader_fault(r, s, "option '%s': %s", o->name, why);
	return false;
}

static bool
has_control(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if ((unsigned char)t.p[i] < ' ' || t.p[i] == 0x7f)
			return true;
	}
	return false;
}

/* A text; .p NULL after a fault. */
static struct text
get_text(struct reader *r, const struct option_info *o,
    const config_setting_t *s)
{
	const char *p = config_setting_get_string(s);

	if (p == NULL)
		(void)wrong_type(r, o, s);
	else if (has_control(text_of(p)))
		(void)refuse_silently(r, o, s, "holds a control character");
	else
		return text_of(p);
	return (struct text){ .p = NULL };
}

static bool
set_bool(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return wrong_type(r, o, s);
	*(bool *)at = config_setting_get_bool(s) != CONFIG_FALSE;
	return true;
}

static bool
set_number(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	long long v;

	if (config_setting_type(s) != CONFIG_TYPE_INT &&
	    config_setting_type(s) != CONFIG_TYPE_INT64)
		return wrong_type(r, o, s);
	v = config_setting_type(s) == CONFIG_TYPE_INT ?
	    config_setting_get_int(s) : config_setting_get_int64(s);
	if (v < o->min || v > o->max) {
		reader_fault(r, s, "option '%s': %lld is out of range "
		    "(%lld to %lld)", o->name, v, (long long)o->min,
		    (long long)o->max);
		return false;
	}
	*(uint32_t *)at = (uint32_t)v;
	return true;
}

static bool
set_time(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	char least[VALUE_TEXT], most[VALUE_TEXT];
	struct text t = get_text(r, o, s);
	const char *why;
	int64_t v;

	if (t.p == NULL)
		return false;
	why = value_time(t, &v);
	if (why != NULL)
		return refuse(r, o, s, why);
	if (v < o->min || v > o->max) {
		value_format_time(least, o->min);
		value_format_time(most, o->max);
		reader_fault(r, s, "option '%s': \"%s\" is out of range "
		    "(%s to %s)", o->name, t.p, least, most);
		return false;
	}
	*(int64_t *)at = v;
	return true;
}

static bool
set_size(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	char least[VALUE_TEXT], most[VALUE_TEXT];
	struct text t = get_text(r, o, s);
	const char *why;
	uint64_t v;

	if (t.p == NULL)
		return false;
	why = value_size(t, &v);
	if (why != NULL)
		return refuse(r, o, s, why);
	if (v < (uint64_t)o->min || v > (uint64_t)o->max) {
		value_format_size(least, (uint64_t)o->min);
		value_format_size(most, (uint64_t)o->max);
		reader_fault(r, s, "option '%s': \"%s\" is out of range "
		    "(%s to %s)", o->name, t.p, least, most);
		return false;
	}
	*(uint64_t *)at = v;
	return true;
}

static bool
set_string(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);

	if (t.p == NULL)
		return false;
	*(char **)at = arena_cstr(r->memory, t);
	return true;
}

/* "a|b|!c": the place of a word, or the number of words. */
static size_t
find_word(struct text words, struct text t, size_t *n, bool *later)
{
	struct text word;
	size_t found = SIZE_MAX;

	*n = 0;
	*later = false;
	while (text_split(&words, '|', &word)) {
		bool mark = text_starts_with(word, TEXT("!"));

		if (mark)
			word = text_range(word.p + 1, word.p + word.n);
		if (text_eq(word, t)) {
			found = *n;
			*later = mark;
		}
		(*n)++;
	}
	return found != SIZE_MAX ? found : *n;
}

static bool
set_word(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	size_t n, i;
	bool later;

	if (t.p == NULL)
		return false;
	i = find_word(text_of(o->words), t, &n, &later);
	if (later)
		return refuse(r, o, s, "not available in this version");
	if (i == n && may_show(r, t.p)) {
		reader_fault(r, s, "option '%s': \"%.100s\" is not one of %s",
		    o->name, t.p, o->words);
		return false;
	}
	if (i == n) {
		reader_fault(r, s, "option '%s': must be one of %s", o->name,
		    o->words);
		return false;
	}
	*(unsigned *)at = (unsigned)i;
	return true;
}

/* A path is relative to the directory of the main file. */
static bool
set_path(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	size_t n, i;
	bool later;

	if (t.p == NULL)
		return false;
	if (t.n == 0)
		return refuse_silently(r, o, s, "is empty");
	if (o->words != NULL) {
		i = find_word(text_of(o->words), t, &n, &later);
		if (i < n) {
			*(char **)at = arena_cstr(r->memory, t);
			return true;
		}
	}
	*(char **)at = reader_path(r, t.p);
	return true;
}

static bool
set_ref(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	struct word *w = at;

	if (t.p == NULL)
		return false;
	if (t.n == 0)
		return refuse_silently(r, o, s, "is empty");
	w->text = arena_cstr(r->memory, t);
	w->where = reader_where(r, s);
	return true;
}

static bool
set_name(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_name(t);
	return why != NULL ? refuse(r, o, s, why) : set_ref(r, o, s, at);
}

static bool
set_client_key(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	if (text_starts_with(t, TEXT("essu_")))
		return refuse_silently(r, o, s, "looks like a real key: "
		    "it must be a made-up word");
	why = value_token68(t);
	return why != NULL ? refuse_silently(r, o, s, why) :
	    set_ref(r, o, s, at);
}

static bool
set_address(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	return addr_parse(t.p, at, &why) || refuse(r, o, s, why);
}

static bool
set_range(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	return cidr_parse(t.p, at, &why) || refuse(r, o, s, why);
}

static bool
set_mode(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_mode(t, at);
	return why == NULL || refuse(r, o, s, why);
}

bool
set_find_user(const char *name, uint32_t *uid, uint32_t *gid)
{
	const struct passwd *pw = getpwnam(name);
	uint64_t number;

	if (pw == NULL && text_parse_u64(text_of(name), CONF_NO_ID - 1,
	    &number)) {
		*uid = (uint32_t)number;
		pw = getpwuid(*uid);
		if (pw == NULL)
			return true;
	}
	if (pw == NULL)
		return false;
	*uid = pw->pw_uid;
	if (gid != NULL)
		*gid = pw->pw_gid;
	return true;
}

bool
set_find_group(const char *name, uint32_t *gid)
{
	const struct group *gr = getgrnam(name);
	uint64_t number;

	if (gr == NULL && !text_parse_u64(text_of(name), CONF_NO_ID - 1,
	    &number))
		return false;
	*gid = gr != NULL ? gr->gr_gid : (uint32_t)number;
	return true;
}

/* An id as a number without quotes. */
static bool
get_id(const config_setting_t *s, uint32_t *id)
{
	if (config_setting_type(s) != CONFIG_TYPE_INT ||
	    config_setting_get_int(s) < 0)
		return false;
	*id = (uint32_t)config_setting_get_int(s);
	return true;
}

static bool
set_user(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t;

	if (get_id(s, at))
		return true;
	t = get_text(r, o, s);
	if (t.p == NULL)
		return false;
	return set_find_user(t.p, at, NULL) ||
	    refuse(r, o, s, "there is no such user");
}

static bool
set_group(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t;

	if (get_id(s, at))
		return true;
	t = get_text(r, o, s);
	if (t.p == NULL)
		return false;
	return set_find_group(t.p, at) ||
	    refuse(r, o, s, "there is no such group");
}

/* Without a port. */
static bool
set_host(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	char host[VALUE_HOST];
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_host(t, host);
	if (why != NULL)
		return refuse(r, o, s, why);
	*(char **)at = arena_cstr(r->memory, text_of(host));
	return true;
}

/* As the field Host has it: IPv6 in [], a port where it was given. */
static bool
set_authority(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	char host[VALUE_HOST];
	uint16_t port = 0;
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_host_port(t, host, &port);
	if (why != NULL)
		return refuse(r, o, s, why);
	*(char **)at = reader_authority(r, host, port);
	return true;
}

static bool
set_host_port(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	struct host_port *hp = at;
	char host[VALUE_HOST];
	uint16_t port = 0;
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_host_port(t, host, &port);
	if (why == NULL && port == 0)
		why = "a port is missing";
	if (why != NULL)
		return refuse(r, o, s, why);
	hp->host = arena_cstr(r->memory, text_of(host));
	hp->port = port;
	return true;
}

/* The value may hold a password, where it should not. */
static bool
set_url(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	struct url *url = at;
	char host[VALUE_HOST];
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_url(t, host, &url->port);
	if (why != NULL)
		return refuse_silently(r, o, s, why);
	url->text = arena_cstr(r->memory, t);
	url->host = arena_cstr(r->memory, text_of(host));
	url->authority = reader_authority(r, host,
	    url->port == 443 ? 0 : url->port);
	return true;
}

static bool
set_pin(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	struct conf_pin *pin = at;
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_pin(t, pin->sha256);
	return why == NULL || refuse(r, o, s, why);
}

static bool
set_digest(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	struct conf_pin *digest = at;
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_hex(t, digest->sha256, sizeof(digest->sha256));
	return why == NULL || refuse_silently(r, o, s, why);
}

static bool
set_prefix(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s), prefix;
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_prefix(t, &prefix);
	if (why != NULL)
		return refuse(r, o, s, why);
	*(char **)at = prefix.n != 0 ? arena_cstr(r->memory, prefix) : NULL;
	return true;
}

static bool
set_method(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_method(t);
	return why != NULL ? refuse(r, o, s, why) : set_string(r, o, s, at);
}

static bool
set_scheme(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_token(t);
	return why != NULL ? refuse_silently(r, o, s, why) :
	    set_string(r, o, s, at);
}

static bool
set_date(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	struct text t = get_text(r, o, s);
	const char *why;

	if (t.p == NULL)
		return false;
	why = value_date(t, at);
	return why == NULL || refuse(r, o, s, why);
}

/* The name beside the value, for people. */
static const char *
sibling_name(const config_setting_t *s)
{
	const char *name = NULL;

	(void)config_setting_lookup_string(config_setting_parent(s), "name",
	    &name);
	return name != NULL && value_name(text_of(name)) == NULL ? name : "?";
}

/* The copy in the tree is overwritten when the tree is freed. */
static bool
set_secret(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	const char *p = config_setting_get_string(s);
	struct secret *secret;
	const char *why;

	if (p == NULL)
		return wrong_type(r, o, s);
	why = value_secret(text_of(p));
	if (why != NULL) {
		reader_fault(r, s, "the value of key '%s' %s",
		    sibling_name(s), why);
		return false;
	}
	secret = secret_new(strlen(p));
	memcpy(secret_bytes(secret), p, strlen(p));
	*(struct secret **)at = secret;
	return true;
}

/* A list of at least one text; NULL after a fault. */
static void *
get_list(struct reader *r, const struct option_info *o,
    const config_setting_t *s, size_t size, setter *set, size_t *n)
{
	uint8_t *v;
	bool good = true;

	if (!config_setting_is_array(s) && !config_setting_is_list(s)) {
		(void)wrong_type(r, o, s);
		return NULL;
	}
	*n = (size_t)config_setting_length(s);
	if (*n == 0) {
		(void)refuse_silently(r, o, s,
		    "is empty: name at least one");
		return NULL;
	}
	v = arena_zalloc(r->memory, *n * size);
	for (unsigned i = 0; i < *n; i++)
		good &= set(r, o, config_setting_get_elem(s, i),
		    v + i * size);
	return good ? v : NULL;
}

/* Lists: the members differ in the type of what they point to. */
#define LIST_SETTER(name, member, element, set) \
	static bool \
	name(struct reader *r, const struct option_info *o, \
	    const config_setting_t *s, void *at) \
	{ \
		member *list = at; \
		size_t n = 0; \
		void *v = get_list(r, o, s, sizeof(element), set, &n); \
		\
		if (v == NULL) \
			return false; \
		list->v = v; \
		list->n = n; \
		return true; \
	}

LIST_SETTER(set_users, struct conf_ids, uint32_t, set_user)
LIST_SETTER(set_groups, struct conf_ids, uint32_t, set_group)
LIST_SETTER(set_authorities, struct conf_texts, char *, set_authority)
LIST_SETTER(set_key_hosts, struct conf_texts, char *, set_host)
LIST_SETTER(set_methods, struct conf_texts, char *, set_method)
LIST_SETTER(set_refs, struct words, struct word, set_ref)
LIST_SETTER(set_ranges, struct list, struct cidr, set_range)
LIST_SETTER(set_pins, struct list, struct conf_pin, set_pin)

/* Groups and lists of groups are read by parse.c. */
static setter *const setters[] = {
	[OPTION_TYPE_ADDRESS] = set_address,
	[OPTION_TYPE_BOOL] = set_bool,
	[OPTION_TYPE_CLIENT_KEY] = set_client_key,
	[OPTION_TYPE_DATE] = set_date,
	[OPTION_TYPE_DIGEST] = set_digest,
	[OPTION_TYPE_GROUPS] = set_groups,
	[OPTION_TYPE_GROUP_ID] = set_group,
	[OPTION_TYPE_HOST] = set_host,
	[OPTION_TYPE_HOSTS] = set_authorities,
	[OPTION_TYPE_HOST_PORT] = set_host_port,
	[OPTION_TYPE_KEY_HOSTS] = set_key_hosts,
	[OPTION_TYPE_METHODS] = set_methods,
	[OPTION_TYPE_MODE] = set_mode,
	[OPTION_TYPE_NAME] = set_name,
	[OPTION_TYPE_NUMBER] = set_number,
	[OPTION_TYPE_PATH] = set_path,
	[OPTION_TYPE_PINS] = set_pins,
	[OPTION_TYPE_PREFIX] = set_prefix,
	[OPTION_TYPE_RANGES] = set_ranges,
	[OPTION_TYPE_REF] = set_ref,
	[OPTION_TYPE_REFS] = set_refs,
	[OPTION_TYPE_SCHEME] = set_scheme,
	[OPTION_TYPE_SECRET] = set_secret,
	[OPTION_TYPE_SIZE] = set_size,
	[OPTION_TYPE_STRING] = set_string,
	[OPTION_TYPE_TIME] = set_time,
	[OPTION_TYPE_URL] = set_url,
	[OPTION_TYPE_USER] = set_user,
	[OPTION_TYPE_USERS] = set_users,
	[OPTION_TYPE_WORD] = set_word,
};

bool
set_value(struct reader *r, const struct option_info *o,
    const config_setting_t *s, void *at)
{
	return setters[o->type](r, o, s, at);
}
