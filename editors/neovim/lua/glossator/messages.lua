-- What the plugin says to the user: cut to what Neovim shows without a key having to be pressed, and never under the user's
-- fingers. The whole of it stays to be read. A plugin that shows messages itself (`vim.notify` replaced) gets all of it at once.
local M = {}

local most = 200 -- messages that are kept
local said = {} ---@type string[] with time and level, oldest first
local unseen = {} ---@type { text: string, level: integer }[]
local is_waiting = false
local newest ---@type table? the line that was shown last where 'cmdheight' is 0
local pointer = '… (:Glossator messages)'
local highlights = { [vim.log.levels.ERROR] = 'ErrorMsg', [vim.log.levels.WARN] = 'WarningMsg' }
local names = { [vim.log.levels.ERROR] = 'error: ', [vim.log.levels.WARN] = 'warning: ' }

-- Neovim's own has no name of a file (0.12), or one of the runtime. A plugin may put a callable table in its place.
local function is_replaced()
  if type(vim.notify) ~= 'function' then return true end
  local source = debug.getinfo(vim.notify, 'S').source
  local function begins(start) return vim.startswith(source, start) end
  return not (source == '?' or source == '=?' or begins('@vim/') or begins('@' .. vim.env.VIMRUNTIME))
end

-- A text on one line, cut to so many cells.
local function fit(text, cells)
  local line = vim.trim((text:gsub('[%s%c%z]+', ' ')))
  if vim.fn.strdisplaywidth('Glossator: ' .. line) <= cells then return 'Glossator: ' .. line end
  local rest = math.max(0, cells - vim.fn.strdisplaywidth(pointer)) -- which says who speaks, too
  return vim.trim(vim.fn.printf(('%%.%dS'):format(rest), line)) .. pointer
end

-- In insert mode 'showmode' takes the place of a message at once, a line that is being typed or a prompt mixes with it.
local function is_free()
  local mode = vim.api.nvim_get_mode()
  if mode.blocking or vim.fn.getcmdwintype() ~= '' then return false end
  return mode.mode:match('^[nvV\22t]') ~= nil or (mode.mode:match('^[iR]') ~= nil and not vim.o.showmode)
end

-- Without a line of its own a message is gone with the next change of the status line, which what was said often brings along: it
-- is shown again for three seconds.
local function stay(line)
  newest = line
  for _, millis in ipairs({ 200, 600, 1500, 3000 }) do
    vim.defer_fn(function()
      if newest == line and is_free() then vim.api.nvim_echo(line, false, {}) end
    end, millis)
  end
end

-- What was said since the last time comes together, the worst first: a second message would push the first one up, and wait for
-- a key.
local function show()
  if not is_free() then return vim.defer_fn(show, 100) end
  local texts = {}
  for level = vim.log.levels.ERROR, vim.log.levels.TRACE, -1 do
    for _, one in ipairs(unseen) do
      if one.level == level then texts[#texts + 1] = one.text end
    end
  end
  local worst = vim.iter(unseen):fold(vim.log.levels.TRACE, function(most_yet, one) return math.max(most_yet, one.level) end)
  unseen, is_waiting = {}, false
  vim.cmd.redraw()
  local room = (vim.o.columns - 1) * (math.max(1, vim.o.cmdheight) - 1) + vim.v.echospace -- a wide character may leave a cell empty
  -- Not by `vim.notify`: its errors want a key where 'cmdheight' is 0.
  local line = { { fit(table.concat(texts, ' · '), room), highlights[worst] } }
  vim.api.nvim_echo(line, true, {})
  if vim.o.cmdheight == 0 then stay(line) end
end

--- Says an error, a warning or a word.
---@param text string of any length
---@param level? integer vim.log.levels
function M.say(text, level)
  level = level or vim.log.levels.INFO
  said[#said + 1] = ('%s %s%s'):format(os.date('%H:%M:%S'), names[level] or '', text)
  if #said > most then table.remove(said, 1) end
  if is_replaced() then return vim.notify('Glossator: ' .. text, level) end
  unseen[#unseen + 1] = { text = text, level = level }
  if is_waiting then return end
  is_waiting = true
  vim.schedule(show)
end

--- Shows all that was said, the newest at the end.
function M.open()
  if #said == 0 then return M.say('nothing was said yet') end
  local lines = vim.split(table.concat(said, '\n'), '\n', { plain = true })
  require('glossator.scratch').open(lines)
  vim.cmd('normal! G')
end

return M
