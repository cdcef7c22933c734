// The one place that looks inside an object of rclnodejs.
//
// It depends on the class layout in that package's src/rcl_handle.h. The version and the header's hash are
// baked in at build time; TypeScript compares both with the installed package before anything here is called.
#pragma once

#include <napi.h>
#include <rcl/node.h>

namespace rdk::hbmem {

// Holds an rclnodejs node handle so that neither it nor its rcl_node_t is collected. JS thread only.
class NodeHandle {
 public:
  // Throws a coded JS error for anything but a live rclnodejs node handle.
  explicit NodeHandle(const Napi::Value& handle);
  NodeHandle(const NodeHandle&) = delete;
  NodeHandle& operator=(const NodeHandle&) = delete;

  // Null once somebody has destroyed the node.
  rcl_node_t* node() const;
  void Drop() { reference_.Reset(); }

 private:
  Napi::ObjectReference reference_;
  void* rcl_handle_ = nullptr;
};

}  // namespace rdk::hbmem
