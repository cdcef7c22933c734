// The answers of a model: recorded outputs, laid out as the model's text has them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakednn/input_hash.h"
#include "fakednn/memory.h"
#include "fakednn/model_text.h"
#include "fakednn/strided.h"

namespace rdk::fakednn {

// All outputs of one task, each of the model's alignedByteSize.
using Answer = std::vector<SharedBytes>;

class Recordings {
 public:
  // Reads `recording.yaml` of the folder (made by `rdk-yolo-seg tensors` or tools/fakednn/record.mjs); an
  // empty folder answers zeros to everything. Outputs are matched by name. Throws ModelTextError.
  Recordings(const std::string& folder, const std::vector<TensorText>& outputs);

  // Null for an input that was not recorded. Throws ModelTextError for a frame of the wrong size.
  std::shared_ptr<const Answer> For(const Bytes& input);
  std::shared_ptr<const Answer> Poison() const { return poison_; }

 private:
  struct Recorded {
    std::string name;
    std::string type;
    std::vector<int64_t> dims;
    std::vector<int64_t> stride_bytes;
  };
  struct Output {
    Layout layout;
    int64_t element_bytes = 0;
    size_t size_bytes = 0;
    // In the file of a frame.
    std::vector<int64_t> recorded_strides;
    size_t offset_bytes = 0;
  };
  static std::vector<Recorded> ReadOutputs(const std::string& path);
  void Match(const std::vector<Recorded>& recorded, const std::vector<TensorText>& outputs);
  std::shared_ptr<const Answer> Filled(uint8_t value) const;
  std::shared_ptr<const Answer> Load(const std::string& path) const;

  std::string folder_;
  std::vector<Output> outputs_;
  size_t frame_bytes_ = 0;
  std::shared_ptr<const Answer> poison_;
  std::shared_ptr<const Answer> zeros_;
  InputHash hash_;
  std::map<std::string, std::shared_ptr<const Answer>> loaded_;
};

}  // namespace rdk::fakednn
