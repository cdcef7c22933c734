// Breaches of the vendor's rules: counted, kept as texts, written to stderr.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

namespace rdk::fakednn {

class Violations {
 public:
  // With `is_strict` the first one ends the process, so that a debugger or core file shows who it was.
  explicit Violations(bool is_strict) : is_strict_(is_strict) {}

  void Report(const std::string& text);

  int64_t count() const { return count_; }
  // Empty where there is none.
  const char* TextOf(int64_t index) const;

 private:
  bool is_strict_;
  int64_t count_ = 0;
  // A deque, so that the texts stay where they are.
  std::deque<std::string> texts_;
};

}  // namespace rdk::fakednn
