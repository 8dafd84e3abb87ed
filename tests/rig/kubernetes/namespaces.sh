#!/bin/bash
# The first process of the namespaces (mount, process, network, IPC, host name) that a cluster lives in: makes of them
# a machine of their own, then runs the command that is given. When it ends the kernel ends everything, mounts too.
#
#   RUN     the cluster's folder
#   IMAGES  a containerd root with images in it, which is used without being changed; may be empty
#   NODE    the node's address
set -euo pipefail

mount --make-rshared /

# Folders whose place is fixed in the programs; nothing is written to the machine's own.
mount -t tmpfs tmpfs /run
mkdir -p /run/netns "$RUN/var" "$RUN/var-work"
mount -t overlay -o "lowerdir=/var,upperdir=$RUN/var,workdir=$RUN/var-work" overlay /var
mkdir -p /var/lib/kubelet /var/lib/cni /var/log/containers

# The kubelet would set these for the whole machine; here it finds them set. What is written goes to files.
sysctl() {
  mkdir -p "$RUN/sysctl"
  echo "$2" >"$RUN/sysctl/$1"
  mount --bind "$RUN/sysctl/$1" "/proc/sys/${1//.//}"
}
sysctl vm.overcommit_memory 1
sysctl vm.panic_on_oom 0
sysctl kernel.panic 10
sysctl kernel.panic_on_oops 1
sysctl kernel.keys.root_maxkeys 1000000
sysctl kernel.keys.root_maxbytes 25000000

# A network that leads nowhere else.
ip link set lo up
ip link add node0 type veth peer name node1
ip address add "$NODE/24" dev node0
ip link set node0 up
ip link set node1 up
ip route add default dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward

# containerd starts on the images as they are: databases by copy on write, file systems of layers bound read-only.
# (A container's own layer cannot be on an overlay, so all of them are in a folder that is none.)
containers=$RUN/containerd/root
mkdir -p "$containers"
if [[ -n $IMAGES ]]; then
  snapshots=io.containerd.snapshotter.v1.overlayfs/snapshots
  mkdir -p "$RUN/images" "$RUN/images-work"
  mount -t overlay -o "lowerdir=$IMAGES,upperdir=$RUN/images,workdir=$RUN/images-work" overlay "$containers"
  for layer in "$IMAGES/$snapshots"/*; do
    mine=$RUN/snapshots/${layer##*/}
    mkdir -p "$mine/fs" "$mine/work"
    mount --bind "$layer/fs" "$mine/fs"
    mount -o remount,bind,ro "$mine/fs"
  done
  mount --rbind "$RUN/snapshots" "$containers/$snapshots"
fi

# Not exec: this shell reaps the processes whose parents have ended.
"$@"
