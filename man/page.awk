# Makes a manual page of a template and of the tables that the program itself is
# made of:
#
#	awk -f page.awk TABLE.tbl ... TEMPLATE.in
#
# A line of the template that begins with '@' stands for rows of a table:
#
#	@options GROUP	the options of a group, of options.tbl and types.tbl
#	@minting	the calls that mint, of minting.tbl
#	@states		the states of keys, of key_state.tbl
#	@changes	what changes them, of the same
#	@metrics	the metrics, of metrics.tbl
#	@events		the events of keys, of key_state.tbl
#	@refusals	what upstreams say, of refusal.tbl
#	@refusal_sources	who has it that they say so, of the same
#	@fault NAME	the head of a list's item about a fault, of fault.tbl
#
# All other lines are copied.  A line that names nothing ends it with status 1,
# and so does a fault that the template does not name, if it names any.
#
# Plain awk, as any build machine has it: nothing that was compiled for the
# target is run.

# A table is read as a whole, and its rows are taken at its end.
FNR == 1 {
	take_rows(table)
	table = ""
	is_table = FILENAME ~ /\.tbl$/
}
is_table {
	if ($0 !~ /^#/)
		table = table $0 "\n"
	next
}
/^@/ {
	expand($1, $2)
	next
}
{ print }
END {
	if (failed)
		exit 1
	for (name in faults) {
		if (some_faults && !named[name])
			complain("fault " name " is not in the template")
	}
	exit failed
}

function complain(text)
{
	print "page.awk: " text | "cat >&2"
	failed = 1
}

# -- reading tables --

# Finds MACRO(argument, ...) one after the other, strings and comments as in C.
function take_rows(s,    at, c, depth, in_string, word, part)
{
	for (at = 1; at <= length(s); at++) {
		c = substr(s, at, 1)
		if (in_string) {
			part = part c
			if (c == "\\")
				part = part substr(s, ++at, 1)
			else if (c == "\"")
				in_string = 0
		} else if (substr(s, at, 2) == "/*") {
			at += 1 + index(substr(s, at + 2), "*/") + 1
		} else if (depth == 0 && c == "(") {
			n_rows++
			macro[n_rows] = trim(word)
			n_args = depth = 1
			part = ""
		} else if (depth == 0) {
			word = word c
		} else if (depth == 1 && (c == "," || c == ")")) {
			arg[n_rows, n_args++] = trim(part)
			part = ""
			if (c == ")") {
				depth = 0
				word = ""
				take_row(n_rows)
			}
		} else {
			in_string = c == "\""
			depth += (c == "(") - (c == ")")
			part = part c
		}
	}
}

# What is looked for by name.
function take_row(row)
{
	if (macro[row] == "TYPE")
		expected[arg[row, 1]] = string(arg[row, 4])
	else if (macro[row] == "LIST_TYPE")
		expected[arg[row, 1]] = string(arg[row, 5])
	else if (macro[row] == "FAULT")
		faults[string(arg[row, 2])] = row
}

function trim(s)
{
	gsub(/^[ \t\n]+|[ \t\n]+$/, "", s)
	return s
}

# What the string literals in an argument say, together.
function string(s,    out, c, at, inside)
{
	for (at = 1; at <= length(s); at++) {
		c = substr(s, at, 1)
		if (c == "\"")
			inside = !inside
		else if (inside && c == "\\")
			out = out substr(s, ++at, 1)
		else if (inside)
			out = out c
	}
	return out
}

# The word before the parenthesis, and what is within.
function outer(s)
{
	return substr(s, 1, match(s "(", /\(/) - 1)
}

function inner(s)
{
	return substr(s, index(s, "(") + 1, length(s) - index(s, "(") - 1)
}

# -- writing roff --

# A line of text, in pieces of at most 78 bytes, none of which is a request.
function line(s,    end)
{
	for (;;) {
		if (s ~ /^['.]/)
			s = "\\&" s
		if (length(s) <= 78)
			break
		for (end = 79; end > 1 && substr(s, end, 1) != " "; end--)
			;
		if (end == 1)
			break
		print substr(s, 1, end - 1)
		s = substr(s, end + 1)
	}
	print s
}

# Each sentence on a line of its own, as mdoc wants it.
function text(s)
{
	gsub(/\\/, "\\e", s)
	while (match(s, /[A-Za-z0-9)"'%\]][.?] +["'A-Z0-9\[-]/)) {
		line(substr(s, 1, RSTART + 1))
		s = substr(s, RSTART + 2)
		sub(/^ +/, "", s)
	}
	line(s)
}

function expand(what, name)
{
	if (what == "@options")
		options(name)
	else if (what == "@minting")
		minting()
	else if (what == "@states")
		states()
	else if (what == "@changes")
		changes()
	else if (what == "@metrics")
		metrics()
	else if (what == "@events")
		events()
	else if (what == "@refusals")
		refusals()
	else if (what == "@refusal_sources")
		refusal_sources()
	else if (what == "@fault")
		fault(name)
	else
		complain("what is " what "?")
}

# -- options --

function number(s,    of)
{
	if (s ~ /^[0-9]+$/)
		return s + 0
	of = inner(s)
	if (s ~ /^KIB\(/)
		return of * 1024
	if (s ~ /^MIB\(/)
		return of * 1024 * 1024
	if (s ~ /^GIB\(/)
		return of * 1024 * 1024 * 1024
	if (s ~ /^HOURS\(/)
		return of * 3600 * 1000
	complain("what is the number " s "?")
}

# In the largest unit in which it is whole.
function in_units(value, units,    list, n, i, each)
{
	n = split(units, list)
	for (i = n; i > 1; i--) {
		split(list[i], each, "=")
		if (value % each[2] == 0 && value != 0)
			return value / each[2] each[1]
	}
	return value substr(list[1], 1, index(list[1], "=") - 1)
}

function quantity(type, value)
{
	if (type == "TIME")
		return in_units(value, TIMES)
	if (type == "SIZE")
		return in_units(value, SIZES)
	return value ""
}

function range(type, limits,    bounds)
{
	if (outer(limits) != "RANGE" || limits ~ /INT64_MAX/)
		return ""
	split(inner(limits), bounds, ",")
	return ", " quantity(type, number(trim(bounds[1]))) " to " \
	    quantity(type, number(trim(bounds[2])))
}

# Words behind '!' are those of later versions.
function words(type, limits,    list, n, i, out)
{
	if (type != "WORD")
		return ""
	n = split(string(limits), list, "|")
	for (i = 1; i <= n; i++) {
		if (list[i] !~ /^!/)
			out = out (out == "" ? ": " : ", ") "\"" list[i] "\""
	}
	return out
}

function option(row,    type, presence)
{
	type = arg[row, 3]
	presence = arg[row, 6]
	print ".It Ic " arg[row, 2]
	text("Value: " expected[type] range(type, arg[row, 5]) \
	    words(type, arg[row, 5]) ".")
	print ".br"
	if (presence == "REQUIRED")
		print "Required."
	else
		text("Default: " string(presence) ".")
	print ".br"
	text(string(arg[row, 7]))
}

function options(group,    row, some)
{
	print ".Bl -tag -width Ds"
	for (row = 1; row <= n_rows; row++) {
		if (arg[row, 1] != group)
			continue
		if (macro[row] == "OPTION") {
			option(row)
			some = 1
		} else if (macro[row] == "LATER") {
			print ".It Ic " arg[row, 2]
			print "Not available in this version."
		} else if (macro[row] == "RENAMED") {
			print ".It Ic " arg[row, 2]
			text("Has another name: " string(arg[row, 3]) ".")
		}
	}
	print ".El"
	if (!some)
		complain("group " group " has no options")
}

# -- the other tables --

function minting(    row)
{
	print ".Bl -tag -width Ds"
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "MINTING")
			continue
		print ".It Pa " string(arg[row, 2])
		if (arg[row, 1] ~ /READ/)
			print "With GET and HEAD, too."
		text(string(arg[row, 3]) ".")
	}
	print ".El"
}

function states(    row)
{
	print ".Bl -tag -width Ds"
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "KEY_STATE")
			continue
		print ".It Cm " string(arg[row, 2])
		text(string(arg[row, 5]) ".")
	}
	print ".El"
}

# -- what changes the states of keys, as policy/key_state.c finds it --

# Whether all of these, "A | B", are in the set " A B "; "0" is none of them.
function has_all(set, these,    n, i, one)
{
	n = these == "0" ? 0 : split(these, one, / *\| */)
	for (i = 1; i <= n; i++) {
		if (!index(set, " " one[i] " "))
			return 0
	}
	return 1
}

function with(set, these)
{
	gsub(/ *\| */, " ", these)
	return these == "0" ? set : set these " "
}

function without(set, these,    n, i, one)
{
	n = these == "0" ? 0 : split(these, one, / *\| */)
	for (i = 1; i <= n; i++)
		gsub(" " one[i] " ", " ", set)
	return set
}

# The row of the first state that fits.
function state_of(set,    row)
{
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] == "KEY_STATE" && has_all(set, arg[row, 3]) &&
		    (arg[row, 4] == "0" || !has_all(set, arg[row, 4])))
			return row
	}
}

# All that can hold while a key is not off: each fact that comes alone, or not.
# Only what a route lists serves one.
function find_sets(    row, n, i, kept)
{
	sets[n_sets = 1] = " "
	for (row = 1; row <= n_rows; row++) {
		n = n_sets
		for (i = 1; i <= n && macro[row] == "KEY_TURN" &&
		    arg[row, 1] != "0"; i++)
			sets[++n_sets] = with(sets[i], arg[row, 1])
	}
	for (i = 1; i <= n_sets; i++) {
		if (has_all(sets[i], "KEY_LISTED") ||
		    !has_all(sets[i], "KEY_SERVES"))
			sets[++kept] = sets[i]
	}
	n_sets = kept
}

# "from A or B to C; from A to D": what a key that is not off comes from and to.
function ways(holds, ends,    i, from, to, after, leads, said, which)
{
	for (i = 1; i <= n_sets; i++) {
		after = without(with(sets[i], holds), ends)
		if (!has_all(after, "KEY_SERVES") ||
		    has_all(after, "KEY_LISTED"))
			leads[state_of(sets[i]), state_of(after)]
	}
	for (to = 1; to <= n_rows; to++) {
		which = ""
		for (from = 1; from <= n_rows; from++) {
			if (from != to && (from, to) in leads)
				which = which (which == "" ? "from " : " or ") \
				    string(arg[from, 2])
		}
		if (which != "")
			said = said (said == "" ? "" : "; ") which " to " \
			    string(arg[to, 2])
	}
	return said
}

# The states that come first stay what they are.
function way_of_event(row,    to, i, which)
{
	if (arg[row, 1] == "PROMOTE")
		return ways("KEY_SERVES", "0")
	if (arg[row, 2] == "0")
		return "from " string(arg[state_of(with(" ", arg[row, 3])), 2]) \
		    " to the first state below it that fits"
	to = state_of(with(" ", arg[row, 2]))
	for (i = 1; i < to; i++) {
		if (macro[i] == "KEY_STATE")
			which = which (which == "" ? " but " : " and ") \
			    string(arg[i, 2])
	}
	return "from every state" which " to " string(arg[to, 2])
}

function changes(    row)
{
	find_sets()
	print ".Bl -tag -width Ds"
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "KEY_EVENT")
			continue
		print ".It Cm " string(arg[row, 5])
		text("It " string(arg[row, 6]) ": " way_of_event(row) ".")
	}
	print ".El"
	print ".Pp"
	print "What changes it without one, while it is not off:"
	print ".Bl -dash"
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "KEY_TURN")
			continue
		print ".It"
		text(string(arg[row, 3]) ": " ways(arg[row, 1], arg[row, 2]) ".")
	}
	print ".El"
}

function metrics(    row, labels)
{
	print ".Bl -tag -width Ds"
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "METRIC")
			continue
		labels = string(arg[row, 4])
		print ".It Va " string(arg[row, 2])
		print toupper(substr(arg[row, 3], 1, 1)) \
		    tolower(substr(arg[row, 3], 2)) \
		    (labels == "" ? "." : ", by " labels ".")
		text(string(arg[row, 5]))
	}
	print ".El"
}

# An action that several events have is told once, with what each did.
function events(    row, action, other, said)
{
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "KEY_EVENT")
			continue
		action = string(arg[row, 5])
		if (said[action]++)
			continue
		print ".It Cm " action
		text("Level " tolower(arg[row, 4]) ": the key " \
		    string(arg[row, 6]) ".")
		for (other = row + 1; other <= n_rows; other++) {
			if (macro[other] == "KEY_EVENT" &&
			    string(arg[other, 5]) == action)
				text("Or it " string(arg[other, 6]) ".")
		}
	}
}

# Where what a row has is said, for people.
function refusal_said(row,    where, said)
{
	where = arg[row, 4]
	said = "\"" string(arg[row, 5]) "\""
	if (where == "CODE")
		return "Code " string(arg[row, 5])
	if (where == "PART")
		return "A security_exception with " said
	if (where == "TYPE")
		return "Exception " string(arg[row, 5])
	if (where == "SPENT")
		return "x-ratelimit-remaining: 0"
	return "Anything else"
}

# What is said of it comes first, and then what was read for that.
function refusals(    row, status, source, before)
{
	print ".Bl -tag -width Ds"
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "REFUSAL")
			continue
		status = arg[row, 2]
		print status != before ? ".It " status : ".Pp"
		before = status
		source = arg[row, 6]
		text(string(arg[row, 7]) ".")
		print ".br"
		text(refusal_said(row) (source == "0" ? "" : \
		    " [" source "]") ".")
	}
	print ".El"
}

function refusal_sources(    row)
{
	print ".Bl -tag -width Ds"
	for (row = 1; row <= n_rows; row++) {
		if (macro[row] != "REFUSAL_SOURCE")
			continue
		print ".It [" arg[row, 1] "]"
		text(string(arg[row, 2]) ".")
	}
	print ".El"
}

# "%s" is the name of the upstream or route concerned.
function string_of_client(s)
{
	s = string(s)
	sub(/%s/, "NAME", s)
	return s
}

function fault(name,    row, status)
{
	if (!(name in faults)) {
		complain("there is no fault " name)
		return
	}
	some_faults = named[name] = 1
	row = faults[name]
	status = arg[row, 3]
	print ".It Cm " name (status == "0" ? "" : " Pq " status)
	text((status == "0" ? "No client is left to be answered: " : "") \
	    string_of_client(arg[row, 4]) ".")
}

BEGIN {
	TIMES = "ms=1 s=1000 m=60000 h=3600000 d=86400000"
	SIZES = "B=1 KiB=1024 MiB=1048576 GiB=1073741824"
}
