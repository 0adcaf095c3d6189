-- What the server asks of a real Neovim: what the user sees, files to be saved, what other language servers report and know.
local t = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/tap.lua')

local client, bufnr, encoding

local function uri(name) return vim.uri_from_fname(t.workspace .. '/' .. name) end

local function ask(method, params)
  local box = t.request(client, 'glossator/' .. method, params or vim.empty_dict())
  t.eventually(method .. ' is answered', function() return box.done end)
  return box.result, box.error
end

local function at(line, character) return { line = line, character = character } end

-- The column of the last character of `größe 𝄞 x` in each encoding.
local function wide() return ({ ['utf-8'] = 13, ['utf-16'] = 9, ['utf-32'] = 8 })[encoding] end

local function editor_state()
  local state = ask('editor/state')
  t.equal('the active file', state.active.uri, uri('a.txt'))
  t.equal('the open ones', state.open, { uri('b.txt'), uri('a.txt') })
  vim.api.nvim_win_set_cursor(0, { 1, 13 })
  t.equal('the cursor in the encoding of the server', ask('editor/state').active.selection, { start = at(0, wide()), ['end'] = at(0, wide()) })
  vim.api.nvim_feedkeys('gg0v$h', 'tx!', false)
  t.equal('a selection', ask('editor/state').active.selection, { start = at(0, 0), ['end'] = at(0, wide() + 1) })
  vim.cmd('normal! \27')
  vim.api.nvim_feedkeys('GVgg', 'tx!', false)
  t.equal('whole lines, selected upwards', ask('editor/state').active.selection, { start = at(0, 0), ['end'] = at(1, 3) })
  vim.cmd('normal! \27')
  vim.cmd.redraw()
  local seen = vim.fn.line('w$') > 0 and { start = at(0, 0), ['end'] = at(2, 0) } or nil -- 0.10 draws nothing without a screen
  t.equal('what can be seen of it', ask('editor/state').active.visible, seen)
  vim.cmd('enew')
  t.equal('no file, nothing active', ask('editor/state').active, nil)
  vim.cmd('help')
  t.check('help is no open file', #ask('editor/state').open == 2)
  vim.cmd('helpclose')
  vim.cmd.buffer(bufnr)
end

local function saves()
  vim.api.nvim_buf_set_lines(bufnr, 1, 2, false, { 'unsaved' })
  local saved = ask('buffers/save', { uris = { uri('a.txt'), uri('missing.txt'), 'untitled:1', 7 } })
  t.equal('what is open is saved', saved, { saved = { uri('a.txt') } })
  t.equal('on the disk', t.read('a.txt')[2], 'unsaved')
  vim.api.nvim_buf_set_lines(bufnr, 1, 2, false, { 'two' })
  vim.fn.setfperm(t.workspace .. '/a.txt', 'r--r--r--')
  vim.bo[bufnr].readonly = true
  t.equal('what cannot be saved is not claimed', ask('buffers/save', { uris = { uri('a.txt') } }), { saved = {} })
  vim.bo[bufnr].readonly = false
  vim.fn.setfperm(t.workspace .. '/a.txt', 'rw-r--r--')
  vim.cmd('silent write!')
end

local function diagnostics()
  t.equal('without any', ask('diagnostics/read').documents, {})
  local space = vim.api.nvim_create_namespace('linter')
  vim.diagnostic.set(space, bufnr, {
    { lnum = 0, col = 13, end_lnum = 0, end_col = 14, severity = vim.diagnostic.severity.WARN, message = 'wide', source = 'linter', code = 'W1' },
  })
  local documents = ask('diagnostics/read').documents
  t.equal('those of other servers', documents, { {
    uri = uri('a.txt'), version = vim.lsp.util.buf_versions[bufnr],
    diagnostics = { { range = { start = at(0, wide()), ['end'] = at(0, wide() + 1) }, severity = 2, message = 'wide', source = 'linter', code = 'W1' } },
  } })
  t.equal('of one file', #ask('diagnostics/read', { uri = uri('a.txt') }).documents, 1)
  t.equal('none of another', ask('diagnostics/read', { uri = uri('b.txt') }).documents, {})
  t.equal('nor of one that is not open', ask('diagnostics/read', { uri = uri('missing.txt') }).documents, {})
  vim.diagnostic.set(space, bufnr, { { lnum = 0, col = 0, message = 'our own', source = 'glossator' } })
  t.equal('our own hints are not among them', ask('diagnostics/read').documents, {})
  vim.diagnostic.reset(space)
end

local function range(line, from, to) return { start = at(line, from), ['end'] = at(line, to) } end

-- What the model asks for by its own tools, while the server that is asked is there.
local look = [[<tool-calls>
const found = (await tools.definition({ path: "a.txt", line: 1, symbol: "x" })).places[0];
const said = (await tools.diagnostics({ path: "a.txt" })).diagnostics[0];
return ["found", found.path, found.line, found.column, found.text, said.severity, said.line, said.column, said.message].join(" ");
</tool-calls>
]]

local function by_the_model()
  local space = vim.api.nvim_create_namespace('linter')
  vim.diagnostic.set(space, bufnr, { { lnum = 0, col = 13, end_col = 14, severity = vim.diagnostic.severity.WARN, message = 'wide' } })
  vim.cmd('Glossator ask where')
  t.eventually('the turn that looks ends', function() return t.log_holds('"turnEnded"') end, t.story)
  t.check('the model sees both, in lines and characters from 1', t.log_holds('found b.txt 1 3 bell rings warning 1 9 wide'), t.story())
  vim.diagnostic.reset(space)
end

local function symbols()
  local result, err = ask('symbols/read', { kind = 'definition', uri = uri('a.txt'), position = at(0, 0) })
  t.equal('without another server nothing is claimed', result, { symbols = {}, complete = false })
  local asked = {}
  local capabilities = {
    definitionProvider = true, referencesProvider = true, documentSymbolProvider = true, workspaceSymbolProvider = true,
    positionEncoding = 'utf-16', textDocumentSync = 1,
  }
  t.other_server('other', capabilities, {
    ['textDocument/definition'] = function(params)
      asked = params
      return { { targetUri = uri('b.txt'), targetRange = range(0, 0, 9), targetSelectionRange = range(0, 2, 4) } }
    end,
    ['textDocument/references'] = function(params)
      asked = params
      return { { uri = uri('a.txt'), range = range(0, 9, 10) }, { uri = uri('a.txt'), range = range(0, 9, 10) } }
    end,
    ['textDocument/documentSymbol'] = function()
      local ring = { name = 'ring', kind = 6, range = range(1, 0, 3), selectionRange = range(1, 0, 3) }
      return { { name = 'Bell', kind = 5, range = range(0, 0, 9), selectionRange = range(0, 0, 4), children = { ring } } }
    end,
    ['workspace/symbol'] = function(params)
      return { { name = params.query .. '!', kind = 12, location = { uri = uri('b.txt'), range = range(0, 0, 3) }, containerName = 'b' } }
    end,
  }, bufnr)
  t.eventually('another server is there', function()
    local other = vim.lsp.get_clients({ name = 'other' })[1]
    return other and other.initialized
  end)
  result = ask('symbols/read', { kind = 'definition', uri = uri('a.txt'), position = at(0, wide()) })
  t.equal('a definition', result, { symbols = { { name = '', kind = '', uri = uri('b.txt'), range = range(0, 2, 4) } }, complete = true })
  t.equal('asked for in the columns of that server', asked.position, at(0, 9))
  result = ask('symbols/read', { kind = 'references', uri = uri('a.txt'), position = at(0, 0) })
  t.equal('references, each once and in our columns', result.symbols, { { name = '', kind = '', uri = uri('a.txt'), range = range(0, wide(), wide() + 1) } })
  t.check('with the declaration', asked.context.includeDeclaration)
  result = ask('symbols/read', { kind = 'document', uri = uri('a.txt') })
  t.equal('the symbols of a document, as a list', result.symbols, {
    { name = 'Bell', kind = 'class', uri = uri('a.txt'), range = range(0, 0, encoding == 'utf-8' and 6 or 4) },
    { name = 'ring', kind = 'method', uri = uri('a.txt'), range = range(1, 0, 3), container = 'Bell' },
  })
  result = ask('symbols/read', { kind = 'workspace', query = 'bell' })
  t.equal('symbols of the workspace', result.symbols, { { name = 'bell!', kind = 'function', uri = uri('b.txt'), range = range(0, 0, 3), container = 'b' } })
  result = ask('symbols/read', { kind = 'document', uri = uri('c.txt') })
  t.check('a file that is not open is asked about, not opened', result.complete and vim.fn.bufloaded(t.workspace .. '/c.txt') == 0, result)
  by_the_model()
  t.other_server('silent', capabilities, { ['textDocument/definition'] = function() return t.never end }, bufnr)
  t.eventually('and one that does not answer', function()
    local other = vim.lsp.get_clients({ name = 'silent' })[1]
    return other and other.initialized
  end)
  result = ask('symbols/read', { kind = 'definition', uri = uri('a.txt'), position = at(0, 0) })
  t.check('is not waited for; what the others said is said to be incomplete', #result.symbols == 1 and result.complete == false, result)
  for _, params in ipairs({ vim.NIL, {}, { kind = 'explode' }, { kind = 'definition' } }) do
    _, err = ask('symbols/read', params)
    t.check('a malformed request is an error', err ~= nil)
  end
end

t.main(function()
  t.write('a.txt', { 'größe 𝄞 x', 'two' })
  t.write('b.txt', { 'bell rings' })
  t.write('c.txt', { 'clock' })
  t.start({ look, 'Said the model.' })
  t.open('b.txt')
  bufnr, client = t.open('a.txt')
  encoding = client.offset_encoding
  editor_state()
  saves()
  diagnostics()
  symbols()
end)
