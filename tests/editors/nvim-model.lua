-- A model that a test holds the reins of: an HTTP server on loopback inside the driving Neovim, which speaks the Messages wire,
-- pauses where the test says so, and remembers what it was asked.
local M = { requests = {} } -- bodies as they came, oldest first

local replies = {}
local taken = 0

local function event(socket, data)
  if not socket:is_closing() then socket:write(('event: %s\ndata: %s\n\n'):format(data.type, vim.json.encode(data))) end
end

local function delta(socket, text)
  event(socket, { type = 'content_block_delta', index = 0, delta = { type = 'text_delta', text = text } })
end

local function begin(socket)
  socket:write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n')
  local usage = { input_tokens = 100, cache_creation_input_tokens = 0, cache_read_input_tokens = 0, output_tokens = 1 }
  event(socket, {
    type = 'message_start',
    message = { id = 'msg_test', type = 'message', role = 'assistant', model = 'any-model', content = {}, stop_reason = vim.NIL, stop_sequence = vim.NIL, usage = usage },
  })
  event(socket, { type = 'content_block_start', index = 0, content_block = { type = 'text', text = '' } })
end

local function finish(socket)
  event(socket, { type = 'content_block_stop', index = 0 })
  event(socket, { type = 'message_delta', delta = { stop_reason = 'end_turn', stop_sequence = vim.NIL }, usage = { output_tokens = 20 } })
  event(socket, { type = 'message_stop' })
  if not socket:is_closing() then socket:shutdown(function() if not socket:is_closing() then socket:close() end end) end
end

-- Sends the parts of a reply: texts in small fragments; at a function it waits until that gives true.
local function send(socket, reply)
  local parts = type(reply) == 'table' and reply or { reply }
  local index, offset = 1, 1
  local function step()
    if socket:is_closing() then return end
    local part = parts[index]
    if part == nil then return finish(socket) end
    local wait = 0
    if type(part) == 'function' then
      if part() then index = index + 1 else wait = 20 end
    else
      delta(socket, part:sub(offset, offset + 12))
      offset = offset + 13
      if offset > #part then index, offset = index + 1, 1 end
      wait = reply.pace or 0
    end
    vim.defer_fn(step, wait)
  end
  begin(socket)
  step()
end

local function fail(socket, status, kind, message)
  local words = vim.json.encode({ type = 'error', error = { type = kind, message = message } })
  socket:write(('HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s'):format(status, #words, words))
end

local function answer(socket, body)
  local _, request = pcall(vim.json.decode, body)
  M.requests[#M.requests + 1] = request
  taken = taken + 1
  local reply = replies[taken]
  if type(reply) == 'table' and reply.retry_after then
    return fail(socket, '429 Too Many Requests\r\nretry-after: ' .. reply.retry_after, 'rate_limit_error', 'too much at once')
  end
  if reply ~= nil then return send(socket, reply) end
  fail(socket, '400 Bad Request', 'invalid_request_error', 'the test has no more replies')
end

local function serve(socket)
  local read = ''
  socket:read_start(function(err, data)
    if err or not data then
      if not socket:is_closing() then socket:close() end
      return
    end
    read = read .. data
    local head, rest = read:match('^(.-\r\n\r\n)(.*)$')
    local length = head and tonumber(head:lower():match('content%-length: (%d+)'))
    if not length or #rest < length then return end
    read = ''
    vim.schedule(function() answer(socket, rest:sub(1, length)) end)
  end)
end

--- Starts the model.
---@param script (string|table)[] one for each request: a text, or a list of texts and of functions that are waited for; `pace`:
--- milliseconds between two fragments; `retry_after`: it has too much to do, and is to be asked again after so many seconds
---@return string its base URL
function M.start(script)
  replies = script
  local listener = vim.uv.new_tcp()
  listener:bind('127.0.0.1', 0)
  listener:listen(16, function()
    local socket = vim.uv.new_tcp()
    listener:accept(socket)
    serve(socket)
  end)
  return ('http://127.0.0.1:%d'):format(listener:getsockname().port)
end

--- The words of all messages of the user in the newest request.
---@return string
function M.asked()
  local words = {}
  local newest = M.requests[#M.requests]
  for _, message in ipairs(newest and newest.messages or {}) do
    if message.role == 'user' then words[#words + 1] = vim.json.encode(message.content) end
  end
  return table.concat(words, '\n')
end

return M
