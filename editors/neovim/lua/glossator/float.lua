-- The window in which a question is shown: all that is needed to decide, with keys to answer. Owns the window and its keys;
-- what becomes of an answer is `asks`'.
local client_of = require('glossator.client')
local M = {}

local window ---@type integer?
local shown ---@type glossator.Pending?
local before ---@type integer? the window that had the focus
local fading ---@type integer? a window whose question is over, which still has the focus
local fade = 700 -- milliseconds that it keeps it
-- Milliseconds in which keys that were meant for another window, or question, answer nothing; longer than a held key takes to repeat.
local guard = 800
local held = 150 -- milliseconds from one to the next of a key that is held down

local function asks() return require('glossator.asks') end

local function lines_of(text) return text == '' and {} or vim.split((text:gsub('\n$', '')), '\n', { plain = true }) end

local subjects = {} -- what an ask is about: kind -> its lines, their file type and how a comment begins there

function subjects.command(about) return lines_of(('$ %s\n# in %s'):format(about.command or '?', about.cwd or '?')), 'sh', '# ' end
function subjects.edit(about) return lines_of(vim.trim(about.diff or '')), 'diff', '# ' end
function subjects.script(about) return lines_of(vim.trim(about.source or '')), 'typescript', '// ' end
local function other(about) return lines_of(vim.inspect(about)), 'lua', '-- ' end

local function content(pending)
  if pending.question then
    local lines = lines_of(pending.question)
    for index, option in ipairs(pending.options) do
      lines[#lines + 1] = ('%d. %s'):format(index, option:gsub('%s+', ' '))
    end
    return lines, 'markdown'
  end
  local about = type(pending.ask.subject) == 'table' and pending.ask.subject or {}
  local lines, filetype, comment = (subjects[about.kind] or other)(about)
  local reason = pending.ask.reason
  if type(reason) == 'string' and reason ~= '' then table.insert(lines, comment .. reason:gsub('%s+', ' ')) end
  return lines, filetype
end

local function hunks_of(pending)
  local hunks = vim.tbl_get(pending, 'ask', 'subject', 'hunks')
  return type(hunks) == 'table' and #hunks > 1 and hunks or nil
end

local function offers(pending, grant)
  return vim.iter(asks().grants(pending.ask)):any(function(one) return one.grant == grant end)
end

local function footer(pending, focus)
  if not focus then return ('%s to answer'):format(require('glossator.keys').of('answer') or ':Glossator answer') end
  if pending.question then return 'Enter answers, q later' end
  local parts = { 'y allow', 'n deny', 'd deny and say why', 'q later' }
  if hunks_of(pending) then table.insert(parts, 4, 'h hunks') end
  if offers(pending, 'session') then table.insert(parts, 2, 's for the session') end
  if offers(pending, 'exact') then table.insert(parts, 3, 'a always') end
  return table.concat(parts, ', ')
end

local function fit(text, width)
  if vim.fn.strdisplaywidth(text) <= width - 2 then return ' ' .. text .. ' ' end
  return ' ' .. vim.fn.strcharpart(text, 0, width - 3) .. '… '
end

local function show_footer(text)
  local width = vim.api.nvim_win_get_width(window)
  vim.api.nvim_win_set_config(window, { footer = fit(text, width), footer_pos = 'left' })
end

local function set_lines(bufnr, lines)
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
end

--- Closes the window. The focus goes back to where it was.
---@return boolean whether it had the focus
function M.close()
  local closing = window
  local had_focus = closing ~= nil and vim.api.nvim_get_current_win() == closing
  window, shown = nil, nil
  if closing and vim.api.nvim_win_is_valid(closing) then vim.api.nvim_win_close(closing, true) end
  if had_focus and before and vim.api.nvim_win_is_valid(before) then vim.api.nvim_set_current_win(before) end
  return had_focus
end

--- The question of the window is over by itself. Where the user is in it, it stays for a moment: keys that were meant for it
--- must not go into the text below.
function M.fade()
  local mine, back = window, before
  if not mine or vim.api.nvim_get_current_win() ~= mine then
    M.close()
    return
  end
  window, shown, fading = nil, nil, mine
  local bufnr = vim.api.nvim_win_get_buf(mine)
  set_lines(bufnr, { 'This question is over: its script has ended, or it was answered elsewhere.' })
  for _, map in ipairs(vim.api.nvim_buf_get_keymap(bufnr, 'n')) do vim.keymap.set('n', map.lhs, '<Nop>', { buffer = bufnr, nowait = true }) end
  vim.defer_fn(function()
    fading = nil
    if not vim.api.nvim_win_is_valid(mine) then return end
    local had_focus = vim.api.nvim_get_current_win() == mine
    vim.api.nvim_win_close(mine, true)
    if had_focus and back and vim.api.nvim_win_is_valid(back) then vim.api.nvim_set_current_win(back) end
  end, fade)
end

-- The window is gone, or is to go, without an answer.
local function put_off()
  local was = shown
  M.close()
  if was then asks().dismiss(was) end
end

local function deny(pending) asks().answer(pending, { decision = 'deny', grant = 'once' }) end

local function allow(grant)
  return function(pending)
    if offers(pending, grant) then return asks().answer(pending, { decision = 'allow', grant = grant }) end
    client_of.notify('this cannot be allowed for the session; y allows it once', vim.log.levels.WARN)
  end
end

-- The hunks of an edit as lines, those that are wanted with a mark; and which hunk each line is of.
local function list_hunks(hunks, wanted)
  local lines, of = {}, {}
  for index, hunk in ipairs(hunks) do
    local head = ('@@ [%s] %d  %s:%d @@'):format(wanted[index] and 'x' or ' ', index, hunk.path or '?', hunk.line or 0)
    local block = { head }
    for _, line in ipairs(lines_of(hunk.base or '')) do block[#block + 1] = '-' .. line end
    for _, line in ipairs(lines_of(hunk.proposed or '')) do block[#block + 1] = '+' .. line end
    for _, line in ipairs(block) do
      lines[#lines + 1] = line
      of[#lines] = index
    end
  end
  return lines, of
end

-- The window shows the hunks from now on, and keys that pick some of them.
local function pick_hunks(pending)
  local hunks = hunks_of(pending)
  if not hunks then return client_of.notify('there are no single hunks to decide about', vim.log.levels.WARN) end
  local bufnr = vim.api.nvim_get_current_buf()
  local wanted = vim.iter(hunks):map(function() return true end):totable()
  local lines, of = list_hunks(hunks, wanted)
  local function switch()
    local index = of[vim.api.nvim_win_get_cursor(0)[1]]
    wanted[index] = not wanted[index]
    local view = vim.fn.winsaveview()
    set_lines(bufnr, (list_hunks(hunks, wanted)))
    vim.fn.winrestview(view)
  end
  local function done()
    local numbers = {}
    for index, yes in ipairs(wanted) do
      if yes then numbers[#numbers + 1] = index end
    end
    if #numbers == 0 then return deny(pending) end
    asks().answer(pending, { decision = 'allow', grant = 'once', hunks = numbers })
  end
  set_lines(bufnr, lines)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  show_footer('Space picks, Enter makes those with x, h goes back')
  for _, key in ipairs({ 'y', 's', 'a', 'n', 'd' }) do pcall(vim.keymap.del, 'n', key, { buffer = bufnr }) end
  local keys = { ['<Space>'] = switch, x = switch, ['<CR>'] = done, h = function() M.open(pending, true) end }
  for key, act in pairs(keys) do vim.keymap.set('n', key, act, { buffer = bufnr, nowait = true }) end
end

local approval_keys = {
  y = allow('once'),
  s = allow('session'),
  a = function(pending) asks().pick_grant(pending) end,
  n = deny,
  d = function(pending) asks().deny_with_reason(pending) end,
  h = pick_hunks,
}

local question_keys = { ['<CR>'] = function(pending) asks().reply_in_words(pending) end }

local function set_keys(bufnr, pending, guarded)
  local opened, swallowed = vim.uv.now(), nil
  local function is_meant()
    local now = vim.uv.now()
    if not guarded or (now - opened >= guard and (not swallowed or now - swallowed >= held)) then return true end
    swallowed = now
    return false
  end
  for key, act in pairs(pending.question and question_keys or approval_keys) do
    vim.keymap.set('n', key, function() if is_meant() then act(pending) end end, { buffer = bufnr, nowait = true })
  end
  for _, key in ipairs({ 'q', '<Esc>' }) do vim.keymap.set('n', key, put_off, { buffer = bufnr, nowait = true }) end
end

local function title(pending, width, height, count)
  local number = asks().count() > 1 and ('%d of %d: '):format(asks().place(pending), asks().count()) or ''
  local size = count > height and (' (%d lines)'):format(count) or ''
  return fit(number .. (pending.question and 'The agent asks' or asks().title(pending)) .. size, width)
end

local function window_config(pending, lines, focus)
  local width = math.max(20, math.min(100, vim.o.columns - 4))
  local height = math.max(1, math.min(#lines, vim.o.lines - 8))
  return {
    relative = 'editor', anchor = 'NE', row = 1, col = vim.o.columns - 1, width = width, height = height,
    style = 'minimal', border = 'rounded', focusable = true, zindex = 60,
    title = title(pending, width, height, #lines), footer = fit(footer(pending, focus), width), footer_pos = 'left',
  }
end

--- Other questions came or went: the title says which of how many this one is.
function M.renumber()
  if not window or not vim.api.nvim_win_is_valid(window) then return end
  local width, height = vim.api.nvim_win_get_width(window), vim.api.nvim_win_get_height(window)
  local count = vim.api.nvim_buf_line_count(vim.api.nvim_win_get_buf(window))
  vim.api.nvim_win_set_config(window, { title = title(shown, width, height, count) })
end

local function watch(bufnr, pending)
  local mine = window
  vim.api.nvim_create_autocmd('WinClosed', {
    pattern = tostring(mine), once = true,
    callback = function() if window == mine then put_off() end end,
  })
  vim.api.nvim_create_autocmd('WinEnter', {
    buffer = bufnr,
    callback = function() if window == mine then show_footer(footer(pending, true)) end end,
  })
end

--- Shows a question; with the focus only where the user wants that.
---@param pending glossator.Pending
---@param focus? boolean
---@param guarded? boolean whether keys answer nothing at first
function M.open(pending, focus, guarded)
  local had_focus = M.close()
  if not had_focus and vim.api.nvim_get_current_win() ~= fading then before = vim.api.nvim_get_current_win() end
  local lines, filetype = content(pending)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  set_lines(bufnr, lines)
  vim.bo[bufnr].filetype = filetype
  window, shown = vim.api.nvim_open_win(bufnr, focus == true, window_config(pending, lines, focus)), pending
  vim.wo[window].wrap = true
  set_keys(bufnr, pending, guarded)
  watch(bufnr, pending)
  vim.cmd.redraw()
end

return M
