-- One kind of request, again and again. wrk … -s load.lua URL -- KIND CREDENTIALS [FILE]
-- KIND is a key of `kinds`; CREDENTIALS the Authorization header; FILE holds the users: id and external reference, one a line.
-- `fill` makes users and adds their lines to it.

local users, count = {}, 0
local headers = {}
local token_form = "grant_type=client_credentials&scope=signicat-api"

-- Counts from a place of its own in each run, so that no value and no reference comes twice.
local function next_number()
	count = count + 1
	return count
end

local function any_user()
	return users[math.random(#users)]
end

local function create()
	local n = next_number()
	return wrk.format("POST", "/reuseid/core/users", headers, string.format(
		'{"externalRef":"%s-%d","segment":"NO","attributes":{"firstname":"Jane","lastname":"Doe %d","city":"Oslo"}}', mark, n, n))
end

local kinds = {
	health = function() return wrk.format("GET", "/healthz", headers) end,
	token = function() return wrk.format("POST", "/auth/open/connect/token", headers, token_form) end,
	create = create,
	fill = create,
	read = function() return wrk.format("GET", "/reuseid/core/users/" .. any_user().id, headers) end,
	update = function()
		return wrk.format("PATCH", "/reuseid/core/users/" .. any_user().id, headers,
			string.format('{"attributes":{"lastname":"%s %d"}}', mark, next_number()))
	end,
	resolve = function()
		return wrk.format("POST", "/reuseid/core/users/resolve", headers, '{"externalRef":"' .. any_user().reference .. '"}')
	end,
}

local function read_users(path)
	for line in io.lines(path) do
		local id, reference = line:match("^(%S+) (%S+)$")
		users[#users + 1] = { id = id, reference = reference }
	end
end

local function keep_answers(path)
	local file = io.open(path, "a")

	response = function(status, _, body)
		local id, reference = body:match('"id":"([^"]+)"'), body:match('"externalRef":"([^"]+)"')

		if status < 300 then file:write(id, " ", reference, "\n") end
	end
end

function init(args)
	local kind = args[1]

	mark = string.format("%x", os.time()) .. string.format("%x", math.floor(os.clock() * 1e6) % 65536)
	math.randomseed(os.time())
	headers["Authorization"] = args[2]
	headers["Content-Type"] = kind == "token" and "application/x-www-form-urlencoded" or "application/json"
	if kind == "fill" then
		keep_answers(args[3])
	elseif args[3] then
		read_users(args[3])
	end
	request = kinds[kind]
end

function done(summary, latency)
	local e = summary.errors

	io.write(string.format('{"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "refused": %d, "broken": %d}\n',
		summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), e.status,
		e.connect + e.read + e.write + e.timeout))
end
