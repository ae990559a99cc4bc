#include "face/face.h"

ENUMERATION(face_provider, FACE_PROVIDER);

const struct face_functions *face_functions(enum face_provider provider)
{
	switch (provider) {
	case face_provider_MOCK:
		return &face_mock;
	case face_provider_HTTP:
		return &face_http;
	default:
		return NULL;
	}
}
