-- The sessions of a workspace: picked through `vim.ui.select`, and what a model would be sent, in a scratch buffer.
local client_of = require('glossator.client')
local session_of = require('glossator.session')
local M = {}

local function age(millis)
  local minutes = math.max(0, math.floor((os.time() * 1000 - (millis or 0)) / 60000))
  if minutes < 1 then return 'just now' end
  if minutes < 120 then return minutes .. ' min ago' end
  if minutes < 2880 then return math.floor(minutes / 60) .. ' h ago' end
  return math.floor(minutes / 1440) .. ' days ago'
end

local function line_of(session)
  local title = session.title ~= '' and session.title or session.lastPrompt or session.id
  local turns = session.turns and (', %d turn%s'):format(session.turns, session.turns == 1 and '' or 's') or ''
  return ('%s  (%s%s)'):format(title:gsub('%s+', ' '), age(session.updatedAt), turns)
end

--- Lets the user pick a session, one that holds `text` if there is some, and goes on with it.
---@param text string
function M.pick(text)
  client_of.ready(function(client)
    local params = text ~= '' and { text = text } or {}
    client_of.request(client, 'glossator/session/list', params, function(result)
      local found = type(result) == 'table' and result.sessions or {}
      if #found == 0 then return client_of.notify(text ~= '' and ("no session holds '%s'"):format(text) or 'there is no session yet') end
      vim.ui.select(found, { prompt = 'Go on with which session?', format_item = line_of }, function(chosen)
        if chosen then M.resume(client, chosen.id) end
      end)
    end)
  end)
end

--- Goes on with a session: its newest turns are shown in the chat.
---@param client vim.lsp.Client
---@param id string
---@param done? fun() called at the end, whatever became of it; without it an error is shown
function M.resume(client, id, done)
  local function finish() if done then done() end end
  client_of.request(client, 'glossator/session/resume', { sessionId = id }, function(result)
    if type(result) ~= 'table' or type(result.read) ~= 'table' then return finish() end
    session_of.take_over(client, result.read, vim.tbl_get(result, 'left', 'runningTasks'))
    local left = vim.tbl_get(result, 'left', 'message')
    client_of.notify(('goes on with %s. %s'):format(vim.tbl_get(result.read, 'session', 'title') or id, left or ''))
    finish()
  end, done)
end

local function fenced(lines, text)
  local longest = 2
  for run in text:gmatch('`+') do longest = math.max(longest, #run) end
  local fence = ('`'):rep(longest + 1)
  vim.list_extend(lines, { fence })
  vim.list_extend(lines, vim.split(text, '\n', { plain = true }))
  vim.list_extend(lines, { fence, '' })
end

--- Shows what the model would be sent with `text`, layer by layer. Nothing is sent.
---@param text string
function M.preview(text)
  client_of.ready(function(client)
    session_of.get(client, function(session)
      local params = { sessionId = session.id, input = { { kind = 'text', text = text } } }
      client_of.request(client, 'glossator/context/preview', params, function(result)
        if type(result) ~= 'table' then return end
        local of = result.window and (' of %d'):format(result.window) or ''
        local lines = { ('# What %s would be sent: about %d tokens%s'):format(result.model or '?', result.tokens or 0, of), '' }
        for _, piece in ipairs(result.pieces or {}) do
          vim.list_extend(lines, { ('## %s (%s, %d tokens)'):format(piece.layer, piece.origin, piece.tokens), '' })
          fenced(lines, piece.text or '')
        end
        local bufnr = vim.api.nvim_create_buf(false, true)
        vim.bo[bufnr].bufhidden = 'wipe'
        vim.bo[bufnr].filetype = 'markdown'
        vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
        vim.bo[bufnr].modifiable = false
        vim.api.nvim_open_win(bufnr, true, { split = 'right', win = -1 })
      end)
    end)
  end)
end

return M
