/* The Assure-compatible routes, and the simulator's. */
#include "proofing/assure.h"

#define DOSSIERS "Dossiers"
#define PROCESSES "Processes"
#define DATA "Stored data"
#define DOSSIER "/dossiers/{dossierId}"
#define PROCESS DOSSIER "/processes/{processId}"
#define ERRORS .errors = &assure_errors

static const struct route rows[] = {
	{ HTTP_POST, "/dossiers", DOSSIER_WRITE, WRITES, IN(dossier_new), OUT(dossier_view),
		OP(.prepare = dossier_create_prepare, .apply = dossier_create_apply, .reply = answer_created), "Create dossier",
		.id = "createDossier", .tag = DOSSIERS, .flags = EMPTY_BODY_OK, ERRORS },
	{ HTTP_GET, "/dossiers", DOSSIER_READ, READS, QUERY(dossier_list_query), OUT(dossier_view), OP(.prepare = dossier_list_prepare),
		"List dossiers", .id = "listDossiers", .tag = DOSSIERS, .flags = REPLY_LIST, ERRORS },
	{ HTTP_DELETE, "/dossiers/all", DOSSIER_DELETE, WRITES, OP(.apply = dossier_delete_all_apply),
		"Delete all dossiers but those of flows under way", .id = "deleteDossiers", .tag = DOSSIERS, ERRORS },
	{ HTTP_GET, DOSSIER, DOSSIER_READ, READS, OUT(dossier_view), OP(.prepare = dossier_get_prepare), "Get dossier with its processes",
		.id = "getDossier", .tag = DOSSIERS, ERRORS },
	{ HTTP_DELETE, DOSSIER, DOSSIER_DELETE, WRITES, OP(.apply = dossier_delete_apply), "Delete dossier with processes and evidence",
		.id = "deleteDossier", .tag = DOSSIERS, ERRORS },

	{ HTTP_POST, DOSSIER "/processes", DOSSIER_WRITE, WRITES, IN(process_new), OUT(process_made),
		OP(.prepare = process_create_prepare, .apply = process_create_apply, .reply = answer_created), "Create process",
		.id = "createProcess", .tag = PROCESSES, ERRORS },
	{ HTTP_GET, PROCESS, DOSSIER_READ, READS, OUT(process_view), OP(.prepare = process_get_prepare),
		"Get process with its full set of data", .id = "getProcess", .tag = PROCESSES, ERRORS },
	{ HTTP_POST, PROCESS, DOSSIER_WRITE, WRITES, OUT(process_made),
		OP(.prepare = process_begin_prepare, .apply = process_begin_apply), "Start the verification",
		.id = "startProcess", .tag = PROCESSES, ERRORS },
	{ HTTP_DELETE, PROCESS, DOSSIER_DELETE, WRITES, OP(.apply = process_delete_apply), "Delete process with its evidence",
		.id = "deleteProcess", .tag = PROCESSES, ERRORS },
	{ HTTP_POST, PROCESS "/fail", DOSSIER_WRITE, WRITES, OP(.prepare = process_fail_prepare, .apply = process_fail_apply),
		"End the process as failed", .id = "failProcess", .tag = PROCESSES, ERRORS },
	{ HTTP_GET, PROCESS "/raw", DOSSIER_READ, READS, OP(.prepare = process_raw_prepare), "Get the result as it is kept",
		.id = "getRawResult", .tag = PROCESSES, ERRORS },
	{ HTTP_GET, PROCESS "/video", DOSSIER_READ, READS, OP(.prepare = video_get_prepare), "Get the video", .id = "getVideo",
		.tag = PROCESSES, ERRORS },
	{ HTTP_GET, PROCESS "/download", DOSSIER_READ, READS, OP(.prepare = download_prepare),
		"Get the process, its result and its pictures as a zip file", .id = "downloadProcess", .tag = PROCESSES, ERRORS },
	{ HTTP_GET, PROCESS "/external-id", DOSSIER_READ, READS, OP(.prepare = process_external_id_prepare),
		"Get the id that the provider has for the process", .id = "getExternalId", .tag = PROCESSES, ERRORS },
	{ HTTP_GET, "/processes", DOSSIER_READ, READS, QUERY(process_list_query), OUT(process_view), OP(.prepare = process_list_prepare),
		"List processes of the last 30 days", .id = "listProcesses", .tag = PROCESSES, .flags = REPLY_LIST, ERRORS },
	{ HTTP_POST, DOSSIER "/capture", DOSSIER_WRITE, WRITES, IN(capture_new), OUT(capture_made),
		OP(.prepare = capture_create_prepare, .apply = process_create_apply, .reply = answer_created), "Create a page for the end-user",
		.id = "createCapture", .tag = PROCESSES, .flags = EMPTY_BODY_OK, ERRORS },
	{ HTTP_GET, "/{providerName:text}/document-types", DOSSIER_READ, READS, OUT(document_type), OP(.prepare = doc_types_prepare),
		"List the documents that a provider takes", .id = "listDocumentTypes", .tag = PROCESSES, .flags = REPLY_LIST, ERRORS },

	{ HTTP_GET, PROCESS "/images", DOSSIER_READ, READS, OUT(file_view), OP(.prepare = image_list_prepare), "List pictures",
		.id = "listImages", .tag = DATA, .flags = REPLY_LIST, ERRORS },
	{ HTTP_POST, PROCESS "/images", DOSSIER_WRITE, WRITES, QUERY(file_query), OUT(file_view),
		OP(.prepare = image_add_prepare, .apply = file_add_apply, .reply = answer_created), "Store a picture", .id = "addImage", .tag = DATA,
		.flags = RAW_BODY, .body_bytes_max = FILE_BYTES_MAX, ERRORS },
	{ HTTP_GET, DOSSIER "/files", DOSSIER_READ, READS, OUT(file_view), OP(.prepare = file_list_prepare), "List files",
		.id = "listFiles", .tag = DATA, .flags = REPLY_LIST, ERRORS },
	{ HTTP_POST, DOSSIER "/files", DOSSIER_WRITE, WRITES, QUERY(file_query), OUT(file_view),
		OP(.prepare = file_add_prepare, .apply = file_add_apply, .reply = answer_created), "Store a file", .id = "addFile", .tag = DATA,
		.flags = RAW_BODY, .body_bytes_max = FILE_BYTES_MAX, ERRORS },
	{ HTTP_GET, DOSSIER "/files/{fileId}", DOSSIER_READ, READS, OP(.prepare = file_get_prepare), "Get a file or a picture",
		.id = "getFile", .tag = DATA, ERRORS },
	{ HTTP_PUT, DOSSIER "/files/{fileId}", DOSSIER_WRITE, WRITES, QUERY(file_query), OUT(file_view),
		OP(.prepare = file_put_prepare, .apply = file_add_apply), "Store another file in its place", .id = "putFile", .tag = DATA,
		.flags = RAW_BODY, .body_bytes_max = FILE_BYTES_MAX, ERRORS },
	{ HTTP_DELETE, DOSSIER "/files/{fileId}", DOSSIER_DELETE, WRITES, OP(.apply = file_delete_apply), "Delete a file or a picture",
		.id = "deleteFile", .tag = DATA, ERRORS },
	{ HTTP_GET, DOSSIER "/userdata", DOSSIER_READ, READS, OP(.prepare = user_data_get_prepare), "Get what you stored",
		.id = "getUserData", .tag = DATA, ERRORS },
	{ HTTP_POST, DOSSIER "/userdata", DOSSIER_WRITE, WRITES, OUT(dossier_view),
		OP(.prepare = user_data_put_prepare, .apply = user_data_put_apply), "Store an object of your own", .id = "addUserData",
		.tag = DATA, .flags = RAW_BODY, ERRORS },
	{ HTTP_PUT, DOSSIER "/userdata", DOSSIER_WRITE, WRITES, OUT(dossier_view),
		OP(.prepare = user_data_put_prepare, .apply = user_data_put_apply), "Store another object in its place", .id = "putUserData",
		.tag = DATA, .flags = RAW_BODY, ERRORS },
	{ HTTP_DELETE, DOSSIER "/userdata", DOSSIER_DELETE, WRITES, OUT(dossier_view),
		OP(.prepare = user_data_delete_prepare, .apply = user_data_put_apply), "Delete what you stored", .id = "deleteUserData",
		.tag = DATA, ERRORS },
};

static const struct tag tags[] = {
	{ DOSSIERS, "A dossier holds everything about one end-user" },
	{ PROCESSES, "One verification of an identity each, with what it found" },
	{ DATA, "Pictures, files and an object of your own; sealed at rest, deleted after the retention" },
	{ NULL, NULL },
};

const struct route_table assure_routes = {
	.base = "/assure",
	.title = "ID document and biometric verification",
	.doc = "Dossiers and the identity proofings in them, compatible with the Assure API.",
	.tags = tags,
	.openapi_path = "/assure/v3/api-docs",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};

static const struct route simulator_rows[] = {
	{ HTTP_POST, "/proofing-simulator/{processId}/complete", DOSSIER_WRITE, WRITES, IN(complete_new),
		OP(.prepare = simulator_complete_prepare, .apply = simulator_complete_apply), "Complete a simulated process",
		.id = "completeSimulatedProcess" },
};

const struct route_table simulator_routes = {
	.base = "", .title = "Proofing simulator", .routes = simulator_rows, .n = sizeof(simulator_rows) / sizeof(simulator_rows[0]),
};
