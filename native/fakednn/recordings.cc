#include "fakednn/recordings.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "fakednn/names.h"

namespace rdk::fakednn {
namespace {

// Of large floats and large integers alike.
constexpr uint8_t kPoison = 0x7F;
constexpr size_t kAlignmentBytes = 64;
// Bounds the memory: the outputs of a real model have 9 MB.
constexpr size_t kMaxLoaded = 64;

const std::map<std::string, int32_t>& TypesByName() {
  static const std::map<std::string, int32_t> types = {{"f32", HB_DNN_TENSOR_TYPE_F32},
                                                       {"s32", HB_DNN_TENSOR_TYPE_S32},
                                                       {"s16", HB_DNN_TENSOR_TYPE_S16},
                                                       {"s8", HB_DNN_TENSOR_TYPE_S8}};
  return types;
}

std::string Unquoted(const std::string& text) {
  const bool is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'');
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

// "[ 1, 2, 3 ]".
std::vector<int64_t> NumbersOf(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '[' || c == ']' || c == ','; }, ' ');
  std::istringstream words(text);
  std::vector<int64_t> numbers;
  for (int64_t number; words >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace

Recordings::Recordings(const std::string& folder, const std::vector<TensorText>& outputs) : folder_(folder) {
  for (const TensorText& text : outputs) {
    const hbDNNTensorProperties& p = text.bare;
    Output output;
    output.size_bytes = static_cast<size_t>(std::max(p.alignedByteSize, 0));
    output.element_bytes = ElementBytes(p.tensorType);
    output.layout.dims.assign(p.validShape.dimensionSize,
                              p.validShape.dimensionSize + p.validShape.numDimensions);
    output.layout.stride_bytes.assign(p.stride, p.stride + p.validShape.numDimensions);
    outputs_.push_back(std::move(output));
  }
  poison_ = Filled(kPoison);
  zeros_ = Filled(0);
  if (!folder.empty()) Match(ReadOutputs(folder + "/recording.yaml"), outputs);
}

std::vector<Recordings::Recorded> Recordings::ReadOutputs(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw ModelTextError("cannot read " + path);
  std::vector<Recorded> outputs;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != ' ') {
      is_inside = line == "outputs:";
      continue;
    }
    const size_t colon = line.find(": ");
    if (!is_inside || colon == std::string::npos) continue;
    const std::string key = line.substr(0, colon);
    const std::string value = line.substr(colon + 2);
    if (key == "  - name") {
      outputs.push_back({Unquoted(value), "", {}, {}});
    } else if (!outputs.empty() && key == "    type") {
      outputs.back().type = value;
    } else if (!outputs.empty() && key == "    dims") {
      outputs.back().dims = NumbersOf(value);
    } else if (!outputs.empty() && key == "    strideBytes") {
      outputs.back().stride_bytes = NumbersOf(value);
    }
  }
  return outputs;
}

void Recordings::Match(const std::vector<Recorded>& recorded, const std::vector<TensorText>& outputs) {
  size_t matched = 0;
  for (const Recorded& one : recorded) {
    const auto type = TypesByName().find(one.type);
    if (type == TypesByName().end() || one.stride_bytes.size() != one.dims.size()) {
      throw ModelTextError("output " + one.name + " in " + folder_ + "/recording.yaml is incomplete");
    }
    const Layout layout{one.dims, one.stride_bytes};
    const size_t offset_bytes = frame_bytes_;
    const auto span = static_cast<size_t>(layout.SpannedBytes(ElementBytes(type->second)));
    frame_bytes_ += (span + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
    for (size_t at = 0; at < outputs.size(); ++at) {
      Output& output = outputs_[at];
      if (outputs[at].name != one.name) continue;
      const int64_t end_bytes = output.layout.SpannedBytes(output.element_bytes);
      if (outputs[at].bare.tensorType != type->second || output.layout.dims != one.dims ||
          end_bytes > static_cast<int64_t>(output.size_bytes)) {
        throw ModelTextError("output " + one.name +
                             " was recorded with another type or shape, or does not fit");
      }
      output.recorded_strides = one.stride_bytes;
      output.offset_bytes = offset_bytes;
      ++matched;
    }
  }
  if (matched != outputs.size()) {
    throw ModelTextError(std::to_string(matched) + " of " + std::to_string(outputs.size()) +
                         " outputs are in " + folder_);
  }
}

std::shared_ptr<const Answer> Recordings::Filled(uint8_t value) const {
  auto answer = std::make_shared<Answer>();
  for (const Output& output : outputs_) {
    answer->push_back(std::make_shared<Bytes>(output.size_bytes, value));
  }
  return answer;
}

std::shared_ptr<const Answer> Recordings::For(const Bytes& input) {
  if (folder_.empty()) return zeros_;
  const std::string& hash = hash_.Of(input);
  const auto found = loaded_.find(hash);
  if (found != loaded_.end()) return found->second;
  auto answer = Load(folder_ + "/frames/" + hash + ".bin");
  if (answer == nullptr) return nullptr;
  if (loaded_.size() >= kMaxLoaded) loaded_.clear();
  return loaded_.emplace(hash, std::move(answer)).first->second;
}

std::shared_ptr<const Answer> Recordings::Load(const std::string& path) const {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return nullptr;
  const auto size_bytes = static_cast<size_t>(std::max<std::streamoff>(file.tellg(), 0));
  if (size_bytes != frame_bytes_) {
    throw ModelTextError(path + " has " + std::to_string(size_bytes) + " bytes; its outputs take " +
                         std::to_string(frame_bytes_));
  }
  Bytes frame(frame_bytes_);
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(frame.data()), static_cast<std::streamsize>(frame.size()))) {
    throw ModelTextError("cannot read " + path);
  }
  auto answer = std::make_shared<Answer>();
  for (const Output& output : outputs_) {
    // What lies between the elements is poison too.
    auto bytes = std::make_shared<Bytes>(output.size_bytes, kPoison);
    CopyStrided(frame.data() + output.offset_bytes, output.recorded_strides, bytes->data(), output.layout,
                output.element_bytes);
    answer->push_back(std::move(bytes));
  }
  return answer;
}

}  // namespace rdk::fakednn
