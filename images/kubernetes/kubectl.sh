# kubectl at hand, in login shells and others. Safe to read twice.
case $- in *i*) ;; *) return ;; esac
[ -n "${BASH_VERSION-}" ] || return

# A kubeconfig of one's own, that `kubectl config` may change. Deleted, the next shell has it again.
if [ ! -e ~/.kube/config ] && [ -r /var/run/secrets/kubernetes.io/serviceaccount/namespace ]; then
  mkdir -p ~/.kube
  # By renaming: two terminals may start at once.
  sed "s/NAMESPACE/$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace)/" /etc/drydock/kubeconfig \
    > ~/.kube/config.$$ && chmod 600 ~/.kube/config.$$ && mv ~/.kube/config.$$ ~/.kube/config
fi

alias k=kubectl
if [ -r /usr/share/bash-completion/completions/kubectl ] && [ -n "${BASH_COMPLETION_VERSINFO-}" ]; then
  . /usr/share/bash-completion/completions/kubectl
  complete -o default -F __start_kubectl k
fi
