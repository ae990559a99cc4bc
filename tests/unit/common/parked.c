#include "tests/unit/common/parked.h"

#include <pthread.h>

/* Hangs at req->exchange, which is the HTTP folder's own. */
struct parked {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool parked, resumed;
};

void __wrap_http_park(struct http_request *req);
void __wrap_http_resume(struct http_request *req);

void __wrap_http_park(struct http_request *req)
{
	struct parked *p = (struct parked *)req->exchange;

	p->parked = true;
}

void __wrap_http_resume(struct http_request *req)
{
	struct parked *p = (struct parked *)req->exchange;

	pthread_mutex_lock(&p->lock);
	p->resumed = true;
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void sleep_until_resumed(struct parked *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->resumed)
		pthread_cond_wait(&p->changed, &p->lock);
	p->parked = p->resumed = false;
	pthread_mutex_unlock(&p->lock);
}

void parked_run(struct http_handler handler, struct http_request *req)
{
	struct parked p = { .parked = false };

	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.changed, NULL);
	req->exchange = (struct http_exchange *)&p;
	handler.handle(handler.ctx, req);
	while (p.parked) {
		sleep_until_resumed(&p);
		handler.resumed(handler.ctx, req);
	}
	handler.finished(handler.ctx, req, true);
	pthread_cond_destroy(&p.changed);
	pthread_mutex_destroy(&p.lock);
}
