/*
 * argv to a verb of the command table, and nothing else.
 */
int
main(void)
{
	return 2;
}
