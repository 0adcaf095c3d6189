-- What the model would be sent with a text, layer by layer, in a window below. Nothing is sent.
local client_of = require('glossator.client')
local M = {}

local function fenced(lines, text)
  local longest = 2
  for run in text:gmatch('`+') do longest = math.max(longest, #run) end
  local fence = ('`'):rep(longest + 1)
  vim.list_extend(lines, { fence })
  vim.list_extend(lines, vim.split(text, '\n', { plain = true }))
  vim.list_extend(lines, { fence, '' })
end

local function page(result)
  local of = result.window and (' of %d'):format(result.window) or ''
  local lines = { ('# What %s would be sent: about %d tokens%s'):format(result.model or '?', result.tokens or 0, of), '' }
  for _, piece in ipairs(result.pieces or {}) do
    vim.list_extend(lines, { ('## %s (%s, %d tokens)'):format(piece.layer, piece.origin, piece.tokens), '' })
    fenced(lines, piece.text or '')
  end
  return lines
end

--- Shows what would be sent with `text`.
---@param text string
function M.show(text)
  require('glossator.server').ready(function(client)
    require('glossator.session').get(client, function(session)
      local params = { sessionId = session.id, input = { { kind = 'text', text = text } } }
      client_of.request(client, 'glossator/context/preview', params, function(result)
        if type(result) ~= 'table' then return end
        require('glossator.scratch').open(page(result), 'markdown')
      end)
    end)
  end)
end

return M
