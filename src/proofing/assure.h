/* What the Assure-compatible routes share. */
#ifndef PROOFING_ASSURE_H
#define PROOFING_ASSURE_H

#include "proofing/assure_schema.h"

/* 2026-01-21T22:47:27Z */
struct slice seconds_text(struct op *op, int64_t ms);
/* The process in the path, in the dossier in the path. */
err process_in_path(struct op *op, struct tx *tx, struct process *ret_process);
/* With its full set of data. */
err process_show(struct op *op, const struct process *p, struct process_view *ret);
/* Answers op->out by the route's schema with 201. */
err answer_created(struct op *op);
/* E_DOSSIER_IN_FLOW when a flow that is under way needs it. */
err dossier_refuse_used(struct tx *tx, const struct uuid *dossier);

err dossier_create_prepare(struct op *op);
err dossier_create_apply(struct op *op, struct tx *tx);
err dossier_list_prepare(struct op *op);
err dossier_get_prepare(struct op *op);
err dossier_delete_apply(struct op *op, struct tx *tx);
err dossier_delete_all_apply(struct op *op, struct tx *tx);
err user_data_get_prepare(struct op *op);
err user_data_put_prepare(struct op *op);
err user_data_put_apply(struct op *op, struct tx *tx);
err user_data_delete_prepare(struct op *op);
err process_create_prepare(struct op *op);
err process_create_apply(struct op *op, struct tx *tx);
err process_get_prepare(struct op *op);
err process_begin_prepare(struct op *op);
err process_begin_apply(struct op *op, struct tx *tx);
err process_fail_prepare(struct op *op);
err process_fail_apply(struct op *op, struct tx *tx);
err process_delete_apply(struct op *op, struct tx *tx);
err process_raw_prepare(struct op *op);
err process_external_id_prepare(struct op *op);
err process_list_prepare(struct op *op);
err capture_create_prepare(struct op *op);
err doc_types_prepare(struct op *op);
err file_list_prepare(struct op *op);
err image_list_prepare(struct op *op);
err file_add_prepare(struct op *op);
err image_add_prepare(struct op *op);
err file_add_apply(struct op *op, struct tx *tx);
err file_get_prepare(struct op *op);
err file_put_prepare(struct op *op);
err video_get_prepare(struct op *op);
err download_prepare(struct op *op);
err file_delete_apply(struct op *op, struct tx *tx);

err oidc_return_prepare(struct op *op);
err oidc_return_apply(struct op *op, struct tx *tx);
err oidc_return_reply(struct op *op);
extern const struct schema oidc_query_schema;
err callback_prepare(struct op *op);
err callback_apply(struct op *op, struct tx *tx);
err capture_show_prepare(struct op *op);
err capture_step_prepare(struct op *op);
err capture_step_apply(struct op *op, struct tx *tx);
err capture_step_reply(struct op *op);
err artifact_prepare(struct op *op);
err proofing_config_get_prepare(struct op *op);
err proofing_config_put_prepare(struct op *op);
err proofing_config_put_apply(struct op *op, struct tx *tx);
err review_list_prepare(struct op *op);
err review_decide_prepare(struct op *op);
err review_decide_apply(struct op *op, struct tx *tx);

#endif
