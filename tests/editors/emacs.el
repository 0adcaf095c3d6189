;;; emacs.el --- Whole turns in a real Emacs through Eglot  -*- lexical-binding: t; -*-

;; TAP on stdout.  emacs.sh runs it, and gives WORK (the workspace) and DIAGNOSE (another language server).

(require 'glossator)

(defvar test-count 0)
(defvar test-failed 0)
(defvar test-file (expand-file-name "poem.txt" (getenv "WORK")))

(defun test-out (text &rest arguments)
  "Print TEXT, formatted with ARGUMENTS, to stdout."
  (princ (concat (apply #'format text arguments) "\n")))

(defun test-check (name ok &optional extra)
  "One check: NAME, whether it is OK, and EXTRA to show when it is not."
  (setq test-count (1+ test-count))
  (unless ok
    (setq test-failed (1+ test-failed)))
  (test-out "%s %d - %s" (if ok "ok" "not ok") test-count name)
  (unless ok
    (test-out "# %s" (replace-regexp-in-string "\n" "\n# " (format "%s" (or extra (buffer-string))))))
  ok)

(defun test-eventually (name test)
  "Wait up to 20 s until TEST is true, then check it as NAME."
  (let ((end (+ (float-time) 20)) ok)
    (while (and (not (setq ok (funcall test))) (< (float-time) end))
      (accept-process-output nil 0.02)
      ;; didChange waits for idle time, which does not come in a batch run.
      (when (bound-and-true-p eglot--managed-mode) (eglot--signal-textDocument/didChange)))
    (test-check name ok)))

(defun test-holds (text) "Whether this buffer holds TEXT." (string-search text (buffer-string)))

(defun test-log-holds (text times)
  "Whether the logs of sessions hold TEXT, TIMES or more."
  (>= (apply #'+ 0 (mapcar (lambda (file)
                             (with-temp-buffer (insert-file-contents file) (how-many (regexp-quote text))))
                           ;; Not into folders of commands that run: they come and go.
                           (directory-files-recursively (getenv "GLOSSATOR_STATE_DIR") "\\.jsonl\\'" nil
                                                        (lambda (folder) (not (string-match-p "/scratch\\'" folder))))))
      times))

(defun test-change (from to)
  "Replace FROM by TO in this buffer, as an undo step of its own."
  (undo-boundary)
  (goto-char (point-min))
  (search-forward from)
  (replace-match to t t)
  (undo-boundary))

(defun test-action (wanted)
  "Run the code action whose title begins with WANTED, once it is offered."
  (let (found)
    (test-eventually (format "the code action '%s' is offered" wanted)
                     (lambda ()
                       (setq found (seq-find (lambda (action) (string-prefix-p wanted (plist-get action :title)))
                                             (append (ignore-errors (eglot-code-actions (point) (point))) nil)))))
    (eglot-execute (eglot-current-server) found)))

(defun test-connect (command)
  "Visit the file with the server COMMAND."
  (setq eglot-server-programs (list (cons 'text-mode command)) eglot-sync-connect 20 eglot-autoshutdown t
        eglot-send-changes-idle-time 0)
  (find-file test-file)
  (text-mode)
  (eglot-ensure)
  (run-hooks 'post-command-hook)
  (test-eventually (format "eglot manages the file through %s" (car command))
                   (lambda () (and (eglot-current-server) (bound-and-true-p eglot--managed-mode)))))

(defun test-turns ()
  "The flows; run in the buffer of the file."
  (test-change "a saved line" "an unsaved line")
  (test-eventually "the other server marks the unsaved line" (lambda () (flymake-diagnostics)))
  (glossator-ask "please patch the poem")
  (test-eventually "the edit of the agent is in the buffer" (lambda () (test-holds "a line by the agent")))
  (test-check "the old line is gone" (not (test-holds "an unsaved line")))
  (test-eventually "the turn ends" (lambda () (test-log-holds "turnEnded" 1)))
  (test-check "the file on disk is untouched"
              (with-temp-buffer (insert-file-contents test-file) (test-holds "a saved line")))
  (goto-char (point-min))
  (forward-line 1)
  (test-action "Keep hunk")
  (test-eventually "a hunk is kept" (lambda () (test-log-holds "\"kept\"" 1)))
  (undo-boundary)
  (undo)
  (test-check "the editor's undo takes the edit back" (test-holds "an unsaved line"))
  (undo-redo)
  (test-check "its redo makes it again" (test-holds "a line by the agent"))

  (glossator-ask "run a command")
  (test-action "Glossator: Allow")
  (test-eventually "the allowed command ran"
                   (lambda () (file-exists-p (expand-file-name "ran.txt" (getenv "WORK")))))
  (test-eventually "its turn ends" (lambda () (test-log-holds "turnEnded" 2)))

  (glossator-ask "run another command")
  (test-eventually "it is asked for"
                   (lambda () (seq-find (lambda (action) (string-prefix-p "Glossator: Deny" (plist-get action :title)))
                                        (append (ignore-errors (eglot-code-actions (point) (point))) nil))))
  (glossator-deny "not on my disk")
  (test-eventually "the model is told the reason" (lambda () (test-log-holds "not on my disk" 1)))
  (test-eventually "and the turn ends" (lambda () (test-log-holds "turnEnded" 3)))
  (test-check "the denied command did not run"
              (not (file-exists-p (expand-file-name "denied.txt" (getenv "WORK"))))))

(defun test-alone ()
  "Ours as the only server: the session goes on, and a turn is taken back."
  (glossator-ask "patch the last line")
  (test-eventually "the edit of the agent is in the buffer" (lambda () (test-holds "last line by the agent")))
  (test-eventually "its turn ends" (lambda () (test-log-holds "turnEnded" 4)))
  (glossator-undo-turn)
  (test-eventually "the turn is taken back" (lambda () (not (test-holds "last line by the agent")))))

(condition-case why
    (progn
      (test-connect (list "rass" "--" "python3" (getenv "DIAGNOSE") "--" "glossator" "lsp"))
      (test-turns)
      (save-buffer)
      (eglot-shutdown (eglot-current-server))
      (kill-buffer)
      (test-connect (list "glossator" "lsp"))
      (test-alone)
      (eglot-shutdown (eglot-current-server)))
  (error (test-check "the test ran to its end" nil (error-message-string why))))
(test-out "1..%d" test-count)
(kill-emacs (if (zerop test-failed) 0 1))
