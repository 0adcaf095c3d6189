-- The honest `workspace/applyEdit`: every document is checked first, then all of the edit is done or nothing, and the
-- answer says which. Neovim's own handler checks only the first version and answers `applied = true` when it refused.
local documents = require('glossator.documents')
local position = require('glossator.position')
local M = {}

---@class glossator.World what a check may rely on
---@field client vim.lsp.Client
---@field exists table<string, boolean> what earlier changes of the same edit make of a path

local function short(path) return vim.fn.fnamemodify(path, ':~:.') end

local function path_of(uri)
  if type(uri) ~= 'string' or not uri:match('^file://') then
    return nil, ("'%s' is not the URI of a file"):format(tostring(uri))
  end
  return vim.uri_to_fname(uri)
end

local function exists(world, path)
  if world.exists[path] ~= nil then return world.exists[path] end
  return vim.uv.fs_lstat(path) ~= nil
end

local function loaded_buffer(path)
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.api.nvim_buf_get_name(bufnr) == path then return bufnr end
  end
end

-- The next change becomes an undo step of its own: without this a step may swallow what was typed before.
local function break_undo(bufnr)
  vim.api.nvim_buf_call(bufnr, function() vim.cmd('let &l:undolevels = &l:undolevels') end)
end

local function before(a, b) return a.line < b.line or (a.line == b.line and a.character < b.character) end

local function is_position(p)
  return type(p) == 'table' and type(p.line) == 'number' and type(p.character) == 'number' and p.line >= 0 and p.character >= 0
end

-- Why the edits cannot be meant for a text of `line_count` lines; nil when they can.
local function bad_ranges(edits, line_count)
  if type(edits) ~= 'table' then return 'the edit holds no list of changes' end
  local sorted = {}
  for _, edit in ipairs(edits) do
    local range = edit.range
    if type(range) ~= 'table' or not is_position(range.start) or not is_position(range['end']) or type(edit.newText) ~= 'string' then
      return 'a change has no range or no text'
    end
    if before(range['end'], range.start) then return 'a range ends before it starts' end
    if range['end'].line > line_count then
      return ('line %d is past the end of the buffer (%d lines)'):format(range['end'].line + 1, line_count)
    end
    sorted[#sorted + 1] = range
  end
  table.sort(sorted, function(a, b) return before(a.start, b.start) or (not before(b.start, a.start) and before(a['end'], b['end'])) end)
  for i = 2, #sorted do
    if before(sorted[i].start, sorted[i - 1]['end']) then return 'two changes overlap' end
  end
end

-- Neovim has no line after the last line break, where LSP has an empty one: moves such positions to the end of the last
-- line, with the line break on the other side of the text. Its own function would leave a blank line too many.
local function fit(edit, bufnr, encoding)
  local last = vim.api.nvim_buf_line_count(bufnr) - 1
  local function line_end(row) return position.line_end(bufnr, row, encoding) end
  local function clamp(p)
    local limit = line_end(p.line)
    return p.character > limit.character and limit or p
  end
  local start, stop = edit.range.start, edit.range['end']
  local text = edit.newText:gsub('\r\n?', '\n')
  if stop.line > last then
    stop = line_end(last)
    if start.line > last then
      text = text == '' and '' or '\n' .. text:gsub('\n$', '')
      start = stop
    elseif text:sub(-1) == '\n' then
      text = text:sub(1, -2)
    elseif text == '' and start.character == 0 and start.line > 0 then
      start = line_end(start.line - 1)
    end
  end
  return { range = { start = clamp(start), ['end'] = clamp(stop) }, newText = text }
end

local function restore_lines(bufnr, lines)
  local function restore() vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines) end
  return function()
    if documents.is_ours(bufnr) then return documents.change(bufnr, restore) end
    restore()
  end
end

-- Why this buffer cannot take an edit made for `version`; nil when it can.
local function bad_version(world, bufnr, path, version)
  if not vim.bo[bufnr].modifiable and not documents.get(bufnr) then return short(path) .. " is not modifiable in the editor (see 'modifiable')" end
  if version == nil then
    if vim.bo[bufnr].modified then return short(path) .. ' has unsaved changes, and the edit does not say which text it was made for' end
    return
  end
  if not vim.lsp.buf_is_attached(bufnr, world.client.id) then return short(path) .. ' is open, but not with this server' end
  local now = vim.lsp.util.buf_versions[bufnr]
  if version ~= now then
    return ('%s has changed: the edit was made for version %s, the buffer is at %s'):format(short(path), version, tostring(now))
  end
end

local function check_text(change, world)
  local path, why = path_of(change.textDocument.uri)
  if not path then return nil, why end
  local version = change.textDocument.version
  local bufnr = loaded_buffer(path)
  if bufnr then
    why = bad_version(world, bufnr, path, version) or bad_ranges(change.edits, vim.api.nvim_buf_line_count(bufnr))
  elseif version ~= nil then
    why = short(path) .. ' is not open in this editor'
  elseif not exists(world, path) then
    why = short(path) .. ' does not exist'
  else
    why = bad_ranges(change.edits, math.huge)
  end
  if why then return nil, why end
  return function(undo)
    bufnr = bufnr or vim.fn.bufadd(path)
    vim.fn.bufload(bufnr)
    why = bad_ranges(change.edits, vim.api.nvim_buf_line_count(bufnr))
    if why then error(short(path) .. ': ' .. why, 0) end
    local encoding = world.client.offset_encoding
    undo[#undo + 1] = restore_lines(bufnr, vim.api.nvim_buf_get_lines(bufnr, 0, -1, false))
    local function change_text()
      break_undo(bufnr)
      local fitted = vim.tbl_map(function(edit) return fit(edit, bufnr, encoding) end, change.edits)
      vim.lsp.util.apply_text_edits(fitted, bufnr, encoding)
      break_undo(bufnr)
    end
    if documents.is_ours(bufnr) then return documents.change(bufnr, change_text) end
    change_text()
  end
end

local function move_file(from, to)
  local ok, why = vim.uv.fs_rename(from, to)
  if not ok then error(('%s could not be moved: %s'):format(short(from), why), 0) end
end

-- Folders made on the way stay when the edit is taken back: empty folders do no harm, removing one may.
local function make_parent(path) vim.fn.mkdir(vim.fs.dirname(path), 'p') end

local function check_create(change, world)
  local path, why = path_of(change.uri)
  if not path then return nil, why end
  if exists(world, path) then
    if (change.options or {}).ignoreIfExists then return function() end end
    return nil, short(path) .. ' exists already; it is not overwritten'
  end
  if loaded_buffer(path) then return nil, short(path) .. ' is open as a buffer that was never saved' end
  world.exists[path] = true
  return function(undo)
    make_parent(path)
    -- 'wx': fails when someone made the file in the meantime, so it can never be truncated.
    local file, reason = vim.uv.fs_open(path, 'wx', tonumber('644', 8))
    if not file then error(('%s could not be created: %s'):format(short(path), reason), 0) end
    vim.uv.fs_close(file)
    undo[#undo + 1] = function() vim.uv.fs_unlink(path) end
  end
end

-- The buffer follows its file. It is closed and opened for every server, so that none keeps the old name.
local function rename_buffer(bufnr, to)
  local clients = vim.lsp.get_clients({ bufnr = bufnr })
  for _, client in ipairs(clients) do vim.lsp.buf_detach_client(bufnr, client.id) end
  local from = vim.api.nvim_buf_get_name(bufnr)
  vim.api.nvim_buf_set_name(bufnr, to)
  local left = vim.fn.bufnr('^' .. vim.fn.escape(from, '\\*?[]{}^$,~') .. '$') -- the name itself stays as an empty buffer
  if left > 0 and left ~= bufnr then pcall(vim.api.nvim_buf_delete, left, { force = true }) end
  -- Makes `:write` believe in the new name; a buffer with unsaved text must wait for `:write!`.
  if not vim.bo[bufnr].modified then vim.api.nvim_buf_call(bufnr, function() vim.cmd('silent! keepalt keepjumps edit') end) end
  for _, client in ipairs(clients) do vim.lsp.buf_attach_client(bufnr, client.id) end
end

local function check_rename(change, world)
  local from, why = path_of(change.oldUri)
  local to, also = path_of(change.newUri)
  if not from or not to then return nil, why or also end
  if not exists(world, from) then return nil, short(from) .. ' does not exist' end
  if exists(world, to) or loaded_buffer(to) then return nil, short(to) .. ' exists already; it is not overwritten' end
  world.exists[from], world.exists[to] = false, true
  return function(undo)
    make_parent(to)
    move_file(from, to)
    local bufnr = loaded_buffer(from)
    undo[#undo + 1] = function()
      move_file(to, from)
      if bufnr then rename_buffer(bufnr, from) end
    end
    if not bufnr then return end
    rename_buffer(bufnr, to)
  end
end

local function close_buffer(bufnr)
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
    vim.api.nvim_win_set_buf(window, vim.api.nvim_create_buf(true, false)) -- deleting it would close the window
  end
  vim.api.nvim_buf_delete(bufnr, {})
end

local function check_delete(change, world)
  local path, why = path_of(change.uri)
  if not path then return nil, why end
  local options = change.options or {}
  if not exists(world, path) then
    if options.ignoreIfNotExists then return function() end end
    return nil, short(path) .. ' does not exist'
  end
  local stat = vim.uv.fs_lstat(path)
  if stat and stat.type == 'directory' then return nil, short(path) .. ' is a folder; folders are not deleted' end
  local bufnr = loaded_buffer(path)
  if bufnr and vim.bo[bufnr].modified then return nil, short(path) .. ' has unsaved changes; it is not deleted' end
  world.exists[path] = false
  return function(undo, finally)
    local aside = ('%s.glossator-%d'):format(path, vim.uv.hrtime())
    move_file(path, aside)
    undo[#undo + 1] = function() move_file(aside, path) end
    finally[#finally + 1] = function()
      vim.uv.fs_unlink(aside)
      if bufnr and vim.api.nvim_buf_is_valid(bufnr) then close_buffer(bufnr) end
    end
  end
end

local checks = { create = check_create, rename = check_rename, delete = check_delete }

local function changes_of(edit)
  if type(edit.documentChanges) == 'table' then return edit.documentChanges end
  local list = {}
  for uri, edits in pairs(edit.changes or {}) do
    list[#list + 1] = { textDocument = { uri = uri }, edits = edits }
  end
  return list
end

local function refuse(reason, index) return { applied = false, failureReason = reason, failedChange = index and index - 1 } end

-- Takes back what was done, last first. Returns what could not be taken back.
local function roll_back(undo)
  local left = {}
  for i = #undo, 1, -1 do
    local ok, why = pcall(undo[i])
    if not ok then left[#left + 1] = tostring(why) end
  end
  return #left > 0 and '; taking back failed as well: ' .. table.concat(left, '; ') or ''
end

--- Applies a workspace edit, wholly or not at all.
---@param edit table lsp.WorkspaceEdit
---@param client vim.lsp.Client
---@return table lsp.ApplyWorkspaceEditResult
function M.apply(edit, client)
  local world = { client = client, exists = {} }
  local steps = {}
  for index, change in ipairs(changes_of(edit)) do
    local check = change.kind and checks[change.kind] or not change.kind and change.textDocument and check_text
    if not check then return refuse(('changes of kind %s are not known here'):format(tostring(change.kind)), index) end
    local step, why = check(change, world)
    if not step then return refuse(why, index) end
    steps[index] = step
  end
  local undo, finally = {}, {}
  for index, step in ipairs(steps) do
    local ok, why = pcall(step, undo, finally)
    if not ok then return refuse(tostring(why) .. roll_back(undo), index) end
  end
  for _, last in ipairs(finally) do pcall(last) end
  return { applied = true }
end

--- Handler of `workspace/applyEdit` for our client alone.
function M.handler(_, params, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if not client or type(params) ~= 'table' or type(params.edit) ~= 'table' then return refuse('the request holds no edit') end
  local ok, answer = pcall(M.apply, params.edit, client)
  if not ok then answer = refuse('the editor could not check the edit: ' .. tostring(answer)) end
  require('glossator.client').flush(client) -- the server confirms by didChange: it goes out before the answer
  return answer
end

return M
