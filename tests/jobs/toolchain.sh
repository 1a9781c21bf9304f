# To be sourced by jobs that need more than a stable toolchain.

# Installs the cargo commands that are missing.
tools() {
  local tool
  for tool; do
    command -v "$tool" >/dev/null || cargo install --locked "$tool"
  done
}

# Sees to a nightly toolchain with these components, or ends the job.
nightly() {
  local component
  cargo +nightly --version || rustup toolchain install nightly --profile minimal || {
    echo "NOT RUN: there is no nightly toolchain, and none can be installed" >&2
    exit 1
  }
  for component; do
    rustup component add --toolchain nightly "$component" || {
      echo "NOT RUN: the nightly toolchain has no $component" >&2
      exit 1
    }
  done
}
