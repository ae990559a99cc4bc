// The token stands behind the #, so that it never reaches a log; from here on it is part of the path.
const token = /^#\/artifact=([\w-]{43})$/.exec(location.hash);

if (token)
	location.replace(`/proofing/${token[1]}`);
