# Makes C of page.css and page.js, which are ASCII: an array of lines for each.

BEGIN {
	print "/* Made by page_static.awk. */"
	print "#include <stddef.h>\n"
	print "#include \"pages/page_static.h\""
}

FNR == 1 {
	end()
	open = 1
	printf "\nconst char *const %s[] = {\n", \
	    FILENAME ~ /\.css$/ ? "page_style" : "page_script"
}

{
	printf "\t\"%s\\n\",\n", quoted($0)
}

END {
	end()
}

function end()
{
	if (open)
		print "\tNULL\n};"
}

# The inside of a string of C.
function quoted(s,    i, c, all)
{
	all = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		if (c == "\t")
			c = "\\t"
		else if (c == "\\" || c == "\"")
			c = "\\" c
		all = all c
	}
	return all
}
