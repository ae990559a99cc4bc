/*
 * One batch of jobs: applied in one transaction, committed once.
 *
 * It is first applied without savepoints, which cost about as much as a small job. When a job fails that has written already, the
 * batch is rolled back and applied again with a savepoint around each job. A job that fails before it wrote costs nothing.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/sqlite.h"

/*
 * Each job's own result is left in job->result; an error of the batch itself stands for all of them, and nothing was kept. The
 * hooks have been called on success.
 */
err batch_run(struct tx *tx, struct store_job *batch, bool *ret_repeated);

#endif
