;;; glossator.el --- Commands of the Glossator language server for Eglot  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "30.1"))
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The commands of `glossator lsp' as commands of Emacs.  It keeps no state and adds no protocol: all it does is to send
;; `workspace/executeCommand' through Eglot.  How to start the server, alone or beside others: README.md.

;;; Code:

(require 'eglot)

(defgroup glossator nil
  "The Glossator coding agent."
  :group 'tools
  :prefix "glossator-")

(defcustom glossator-prefix "C-c g"
  "Keys before those of `glossator-command-map'; nil binds none."
  :type '(choice key (const nil)))

(defun glossator--run (command &rest arguments)
  "Send COMMAND with ARGUMENTS to the server of this buffer."
  ;; `:command' alone is no request that Eglot knows: both have to be there.
  (eglot-execute (eglot--current-server-or-lose)
                 (list :command (concat "glossator." command) :arguments (vconcat arguments))))

(defun glossator--here ()
  "The place of point, or of the region, as the server's commands take it."
  (let ((from (if (use-region-p) (region-beginning) (point)))
        (to (if (use-region-p) (region-end) (point))))
    (list :uri (eglot-path-to-uri (buffer-file-name))
          :position (eglot--pos-to-lsp-position (point))
          :range (list :start (eglot--pos-to-lsp-position from) :end (eglot--pos-to-lsp-position to)))))

(defun glossator-ask (text)
  "Start a turn with TEXT; the region, if there is one, goes along."
  (interactive "sAsk Glossator: ")
  (if (use-region-p)
      (let ((here (glossator--here)))
        (glossator--run "ask" (list :text text :uri (plist-get here :uri) :range (plist-get here :range))))
    (glossator--run "ask" text)))

(defun glossator-deny (reason)
  "Refuse what is asked, and tell the model REASON."
  (interactive "sWhy not (may be empty): ")
  (if (string-empty-p reason) (glossator--run "deny") (glossator--run "deny" (list :message reason))))

(defmacro glossator--define (&rest rows)
  "Define a command for each of ROWS: (NAME COMMAND DOC), with the place of point where a fourth element says `here'."
  `(progn
     ,@(mapcar (pcase-lambda (`(,name ,command ,doc ,place))
                 `(defun ,(intern (format "glossator-%s" name)) ()
                    ,doc
                    (interactive)
                    (glossator--run ,command ,@(when (eq place 'here) '((glossator--here))))))
               rows)))

(glossator--define
 (chat "chat" "Show the session and the prompt document.")
 (send "send" "Send what is written in the prompt document; while a turn runs, it steers that.")
 (queue "queue" "Send what is written in the prompt document when the turn that runs has ended.")
 (stop "stop" "Stop the turn that runs.")
 (approve "approve" "Allow what is asked.")
 (review "review" "Show the hunks of the latest turn as a diff.")
 (next-hunk "nextHunk" "Go to the next hunk that waits for a decision." here)
 (keep-hunk "keepHunk" "Keep the hunk at point." here)
 (reject-hunk "rejectHunk" "Put back what stood in the place of the hunk at point." here)
 (keep-all "keepAll" "Keep all hunks of the turn.")
 (reject-all "rejectAll" "Reject all hunks of the turn.")
 (undo-turn "undoTurn" "Take the edits of the latest turn back.")
 (redo-turn "redoTurn" "Make the edits again that were taken back.")
 (sessions "sessions" "List the sessions of this workspace.")
 (new-session "newSession" "Begin a new session.")
 (context "context" "Show what the model was sent.")
 (status "status" "Show session, model, tasks and budgets.")
 (trust "trust" "Let the settings and rules of this folder count."))

(defvar-keymap glossator-command-map
  :doc "Commands of Glossator, behind `glossator-prefix'."
  "g" #'glossator-ask
  "c" #'glossator-chat
  "RET" #'glossator-send
  "q" #'glossator-queue
  "s" #'glossator-stop
  "y" #'glossator-approve
  "n" #'glossator-deny
  "r" #'glossator-review
  "j" #'glossator-next-hunk
  "k" #'glossator-keep-hunk
  "x" #'glossator-reject-hunk
  "K" #'glossator-keep-all
  "X" #'glossator-reject-all
  "u" #'glossator-undo-turn
  "U" #'glossator-redo-turn
  "l" #'glossator-sessions
  "N" #'glossator-new-session
  "i" #'glossator-context
  "?" #'glossator-status
  "a" #'eglot-code-actions)

(define-minor-mode glossator-mode
  "Keys for the commands of Glossator in buffers that Eglot manages."
  :lighter " Glossator"
  :keymap (make-sparse-keymap)
  (when glossator-prefix
    (keymap-set glossator-mode-map glossator-prefix glossator-command-map)))

(provide 'glossator)
;;; glossator.el ends here
