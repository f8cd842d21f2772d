# The learner's interactive bash: read by login shells (/etc/profile) and by others (/etc/bash.bashrc). Safe to read twice.
case $- in *i*) ;; *) return ;; esac
[ -n "${BASH_VERSION-}" ] || return

# Green for people, red for root, then the folder in blue: the terminal's own 16 colours, so every theme stays readable.
if [ "$(id -u)" = 0 ]; then __who=31; else __who=32; fi
PS1="\[\e[${__who}m\]\u@\h\[\e[0m\]:\[\e[34m\]\w\[\e[0m\]\\\$ "
unset __who

# Written after every command, so that a killed shell loses nothing and a second terminal sees it.
HISTSIZE=10000
HISTFILESIZE=20000
HISTCONTROL=ignoredups
shopt -s histappend checkwinsize
case ${PROMPT_COMMAND-} in
  *'history -a'*) ;;
  # A home that cannot be written to is no reason to complain at every prompt.
  *) PROMPT_COMMAND="history -a 2>/dev/null${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
esac

alias ls='ls --color=auto'
alias ll='ls -l'
alias grep='grep --color=auto'
alias ip='ip -color=auto'
export LESS=-R

if [ -z "${BASH_COMPLETION_VERSINFO-}" ] && [ -r /usr/share/bash-completion/bash_completion ]; then
  . /usr/share/bash-completion/bash_completion
fi
