/*
 * /metrics, for Prometheus; see admin_page.h.
 */
#include "daemon/admin_page.h"

void
admin_page_metrics(const struct admin_facts *f, struct admin_page *page)
{
	page->status = 200;
	page->type = METRICS_TYPE;
	metrics_write(f->metrics, &page->body);
}
