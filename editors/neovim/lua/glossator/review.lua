-- The agent's hunks in open buffers: a sign on each line, the lines that were there before as virtual lines, ways from one to
-- the next. Which hunks there are, and where, is the server's to say.
local client_of = require('glossator.client')
local position = require('glossator.position')
local server = require('glossator.server')
local M = {}

local space = vim.api.nvim_create_namespace('glossator.review')
local longest = 60 -- lines of what was before that are shown of one hunk
local hunks = {} ---@type table<integer, table<integer, table>> buffer -> extmark -> hunk
local rounds = {} ---@type table<integer, integer> buffer -> number of the newest reading
local own = {} ---@type table<integer, boolean> namespaces of the server's hints, which the signs stand for here
local shows_before ---@type boolean?

local function config() return require('glossator').config.review end

--- Highlights, each of which the user or a colour scheme may set.
function M.set_highlights()
  for name, target in pairs({
    GlossatorSignAdd = 'Added', GlossatorSignChange = 'Changed', GlossatorSignDelete = 'Removed',
    GlossatorAdd = 'DiffAdd', GlossatorBefore = 'DiffDelete',
  }) do
    vim.api.nvim_set_hl(0, name, { link = target, default = true })
  end
end

local function before_is_shown()
  if shows_before == nil then shows_before = config().before end
  return shows_before
end

local function kind_of(hunk)
  if hunk.base == '' then return 'Add' end
  return (hunk.current or hunk.proposed) == '' and 'Delete' or 'Change'
end

local function virtual_lines(hunk)
  local lines = vim.split((hunk.base:gsub('\n$', '')), '\n', { plain = true })
  local surplus = #lines - longest
  if surplus > 0 then
    lines = vim.list_slice(lines, 1, longest)
    lines[#lines + 1] = ('… %d more lines'):format(surplus)
  end
  return vim.tbl_map(function(line) return { { line == '' and ' ' or line:gsub('\t', '    '), 'GlossatorBefore' } } end, lines)
end

-- Lines above the first one are only seen in a window that is scrolled to them.
local function show_above_first(bufnr, count)
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
    vim.api.nvim_win_call(window, function()
      if vim.fn.line('w0') == 1 then vim.fn.winrestview({ topfill = count }) end
    end)
  end
end

local function mark(bufnr, hunk, places)
  local last = vim.api.nvim_buf_line_count(bufnr) - 1
  local first = math.min(hunk.range.start.line, last)
  local is_lines = hunk.part == nil or hunk.part.kind == 'lines'
  local stop = is_lines and math.min(hunk.range['end'].line - 1, last) or first
  local kind = kind_of(hunk)
  local sign = config().signs and { sign_text = kind == 'Delete' and '▁' or '┃', sign_hl_group = 'GlossatorSign' .. kind, priority = 20 } or {}
  local lines = config().lines and kind ~= 'Delete' and before_is_shown() and is_lines
  for row = first, math.max(first, stop) do
    local options = vim.tbl_extend('force', sign, { line_hl_group = lines and 'GlossatorAdd' or nil })
    if row == first and before_is_shown() and is_lines and hunk.base ~= '' then
      options.virt_lines, options.virt_lines_above = virtual_lines(hunk), true
      if row == 0 then vim.schedule(function() show_above_first(bufnr, #options.virt_lines) end) end
    end
    local id = vim.api.nvim_buf_set_extmark(bufnr, space, row, 0, options)
    if row == first then places[id] = hunk end
  end
end

local function place(bufnr, found)
  if not vim.api.nvim_buf_is_loaded(bufnr) then return end
  vim.api.nvim_buf_clear_namespace(bufnr, space, 0, -1)
  local places = {}
  for _, hunk in ipairs(found) do
    if type(hunk.range) == 'table' then mark(bufnr, hunk, places) end
  end
  hunks[bufnr] = next(places) and places or nil
  vim.api.nvim_exec_autocmds('User', { pattern = 'GlossatorHunks', modeline = false, data = { buf = bufnr, count = vim.tbl_count(places) } })
end

-- Reads the hunks of a buffer anew, of each session that has some there.
local function read(bufnr, sessions)
  local round = (rounds[bufnr] or 0) + 1
  rounds[bufnr] = round
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = 'glossator' })[1]
  if not client or #sessions == 0 then return place(bufnr, {}) end
  local found, left = {}, #sessions
  local function one(result)
    vim.list_extend(found, type(result) == 'table' and result.hunks or {})
    left = left - 1
    if left == 0 and rounds[bufnr] == round then place(bufnr, found) end
  end
  for _, session in ipairs(sessions) do
    local params = { sessionId = session, path = vim.uri_from_bufnr(bufnr) }
    client_of.request(client, 'glossator/changeSet/read', params, one, function() one(nil) end)
  end
end

-- The server's hints in a buffer name the sessions; shown are our signs instead.
local function hinted(bufnr)
  local sessions = {}
  for _, hint in ipairs(vim.diagnostic.get(bufnr, { severity = vim.diagnostic.severity.HINT })) do
    local session = hint.source == 'glossator' and vim.tbl_get(hint, 'user_data', 'lsp', 'data', 'session')
    if session then sessions[session] = true end
    if session and not own[hint.namespace] then
      own[hint.namespace] = true
      if config().signs then
        vim.diagnostic.config({ virtual_text = false, virtual_lines = false, signs = false, underline = false }, hint.namespace)
      end
    end
  end
  return vim.tbl_keys(sessions)
end

--- Follows the hunks from now on.
function M.watch()
  M.set_highlights()
  local group = vim.api.nvim_create_augroup('glossator.review', { clear = true })
  vim.api.nvim_create_autocmd('ColorScheme', { group = group, callback = M.set_highlights })
  vim.api.nvim_create_autocmd('DiagnosticChanged', {
    group = group,
    callback = function(event)
      if not vim.api.nvim_buf_is_loaded(event.buf) then return end
      local sessions = hinted(event.buf)
      if #sessions > 0 or hunks[event.buf] then read(event.buf, sessions) end
    end,
  })
  vim.api.nvim_create_autocmd('BufUnload', { group = group, callback = function(event) hunks[event.buf] = nil end })
end

--- The rows (from 0) on which hunks of a buffer begin, in order, as the buffer is now.
---@param bufnr integer
---@return integer[]
function M.rows(bufnr)
  local rows = {}
  for id in pairs(hunks[bufnr] or {}) do
    local at = vim.api.nvim_buf_get_extmark_by_id(bufnr, space, id, {})
    if at[1] then rows[#rows + 1] = at[1] end
  end
  table.sort(rows)
  return rows
end

local function jump(row)
  vim.cmd("normal! m'")
  vim.api.nvim_win_set_cursor(0, { row + 1, 0 })
  vim.cmd('normal! zv')
end

--- Goes to the next hunk that waits for a decision: in this buffer, then in other files.
function M.next()
  local here = vim.api.nvim_win_get_cursor(0)[1] - 1
  local row = vim.iter(M.rows(0 + vim.api.nvim_get_current_buf())):find(function(one) return one > here end)
  if row then return jump(row) end
  server.ready(function(client) client_of.execute(client, 'nextHunk', { M.here(client) }) end)
end

--- Goes to the hunk before; in front of the first one to the last of the buffer.
function M.previous()
  local rows = M.rows(vim.api.nvim_get_current_buf())
  local here = vim.api.nvim_win_get_cursor(0)[1] - 1
  local before = vim.tbl_filter(function(one) return one < here end, rows)
  local row = before[#before] or rows[#rows]
  if row then return jump(row) end
  client_of.notify('no hunk waits in this buffer; :Glossator next looks in other files')
end

--- The place of the cursor, for commands about the hunk there.
---@param client vim.lsp.Client
---@return table
function M.here(client)
  return { uri = vim.uri_from_bufnr(0), position = position.of_cursor(client.offset_encoding) }
end

--- Shows or hides the lines that were there before.
function M.toggle_before()
  shows_before = not before_is_shown()
  for bufnr in pairs(hunks) do read(bufnr, hinted(bufnr)) end
  client_of.notify(shows_before and 'what was there before is shown' or 'what was there before is hidden')
end

--- How many hunks wait in open buffers.
---@return integer
function M.count()
  local count = 0
  for _, places in pairs(hunks) do count = count + vim.tbl_count(places) end
  return count
end

return M
