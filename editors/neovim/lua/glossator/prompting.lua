-- What the user says in the command line about a place: prompts with a range, and the code actions of the same names.
local client_of = require('glossator.client')
local position = require('glossator.position')
local server = require('glossator.server')
local session_of = require('glossator.session')
local M = {}

-- The very selection when `first` and `last` are the lines of the last characterwise one, else the whole lines.
local function range_of(bufnr, first, last, encoding)
  local range = { start = { line = first - 1, character = 0 }, ['end'] = position.line_end(bufnr, last - 1, encoding) }
  local from, to = vim.api.nvim_buf_get_mark(bufnr, '<'), vim.api.nvim_buf_get_mark(bufnr, '>')
  if vim.fn.visualmode() == 'v' and from[1] == first and to[1] == last then
    local head, tail = vim.fn.getbufline(bufnr, first)[1], vim.fn.getbufline(bufnr, last)[1]
    local stop = math.min(to[2], #tail)
    stop = stop + #vim.fn.matchstr(tail:sub(stop + 1), '^.') -- the mark is on the last character
    range.start.character = position.column(head, math.min(from[2], #head), encoding)
    range['end'].character = position.column(tail, stop, encoding)
  end
  return range
end

-- Asks for the words if there are none, and sends them.
local function send(text, mention, method, question)
  local function done(words)
    if words and words:match('%S') then session_of.prompt({ { kind = 'text', text = words }, mention }, method) end
  end
  if text ~= '' then return done(text) end
  vim.ui.input({ prompt = question or (mention and 'Ask about the selection: ' or 'Ask Glossator: ') }, done)
end

--- Sends a prompt, with the range of the command if it has one.
---@param text string
---@param options table as nvim_create_user_command gives it
---@param method? 'steer'|'queue'
function M.ask(text, options, method)
  local questions = { steer = 'Add to the running turn: ', queue = 'Let wait for its turn: ' }
  if options.range == 0 then return send(text, nil, method, questions[method]) end
  local bufnr = vim.api.nvim_get_current_buf()
  server.ready(function(client)
    local range = range_of(bufnr, options.line1, options.line2, client.offset_encoding)
    send(text, { kind = 'mention', uri = vim.uri_from_bufnr(bufnr), range = range }, method)
  end)
end

--- The code action *Edit with Glossator...*: only the user has the words, so the editor asks for them.
---@param arguments any[] [{ uri, range, text? }]
function M.edit_action(arguments)
  local target = type(arguments[1]) == 'table' and arguments[1] or {}
  if type(target.uri) ~= 'string' then return client_of.notify('the action names no file', vim.log.levels.WARN) end
  send(target.text or '', { kind = 'mention', uri = target.uri, range = target.range })
end

-- What other language servers report in a range.
local function problems(bufnr, range, encoding)
  local function inside(one) return one.lnum <= range['end'].line and (one.end_lnum or one.lnum) >= range.start.line end
  local found = vim.tbl_filter(function(one) return one.source ~= 'glossator' and inside(one) end, vim.diagnostic.get(bufnr))
  return vim.tbl_map(function(one) return require('glossator.lookups').to_lsp(one, encoding) end, found)
end

--- Runs a command about a place of the code: the range, else the line of the cursor, or the whole file.
---@param command string
---@param text string what the user adds
---@param options table as nvim_create_user_command gives it
---@param whole? boolean without a range the whole file is meant
function M.code(command, text, options, whole)
  local bufnr = vim.api.nvim_get_current_buf()
  if not server.is_file(bufnr) then return client_of.notify('this is no file; go to one first', vim.log.levels.WARN) end
  server.ready(function(client)
    local argument = { uri = vim.uri_from_bufnr(bufnr), text = text ~= '' and text or nil }
    if options.range > 0 or not whole then
      argument.range = range_of(bufnr, options.line1, options.line2, client.offset_encoding)
    end
    if command == 'fix' then argument.diagnostics = problems(bufnr, argument.range, client.offset_encoding) end
    if require('glossator').config.chat.open_on_ask then
      session_of.get(client, function(session) require('glossator.chat').show(client, session.id) end)
    end
    client_of.execute(client, command, { argument })
  end)
end

return M
