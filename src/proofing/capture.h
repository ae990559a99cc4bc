/* Inside the capture page: how far it has come, and the page that shows it. */
#ifndef PROOFING_CAPTURE_H
#define PROOFING_CAPTURE_H

#include "proofing/internal.h"

/* Bits of process_content.steps. */
enum { STEP_PREPARED = 1, STEP_FRONT = 2, STEP_BACK = 4, STEP_SHOWN = 8 };

struct capture {
	struct process process;
	struct proofing_config config;
	struct settlement *settlement;
	struct evidence_file file;
	struct slice box, file_box;
	bool has_file, renewed;
};

/* Is it carried out on this very page? */
bool capture_is_local(const struct process *p);
/* Are pictures kept? */
bool capture_keeps(const struct capture *c);
/* Is there a link to the provider outside that still works? */
bool capture_leads(const struct op *op, const struct process *p);
/* The page as it stands. `fault`: the form was not right. */
err capture_answer(struct op *op, const struct capture *c, int status, bool fault);

#endif
