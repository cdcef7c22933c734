#include "fakednn/model_text.h"

#include <cstdio>
#include <map>
#include <sstream>
#include <stdexcept>

namespace fakednn {
namespace {

constexpr char kMagic[] = "RDK FAKEDNN MODEL 1";
constexpr char kMarch[] = "bayes-e";

using Words = std::map<std::string, int32_t>;

const Words kTypes = {
    {"HB_DNN_IMG_TYPE_Y", 0},       {"HB_DNN_IMG_TYPE_NV12", 1},    {"HB_DNN_IMG_TYPE_NV12_SEPARATE", 2},
    {"HB_DNN_IMG_TYPE_YUV444", 3},  {"HB_DNN_IMG_TYPE_RGB", 4},     {"HB_DNN_IMG_TYPE_BGR", 5},
    {"HB_DNN_TENSOR_TYPE_S4", 6},   {"HB_DNN_TENSOR_TYPE_U4", 7},   {"HB_DNN_TENSOR_TYPE_S8", 8},
    {"HB_DNN_TENSOR_TYPE_U8", 9},   {"HB_DNN_TENSOR_TYPE_F16", 10}, {"HB_DNN_TENSOR_TYPE_S16", 11},
    {"HB_DNN_TENSOR_TYPE_U16", 12}, {"HB_DNN_TENSOR_TYPE_F32", 13}, {"HB_DNN_TENSOR_TYPE_S32", 14},
    {"HB_DNN_TENSOR_TYPE_U32", 15}, {"HB_DNN_TENSOR_TYPE_F64", 16}, {"HB_DNN_TENSOR_TYPE_S64", 17},
    {"HB_DNN_TENSOR_TYPE_U64", 18}};
const Words kLayouts = {{"HB_DNN_LAYOUT_NHWC", 0}, {"HB_DNN_LAYOUT_NCHW", 2}, {"HB_DNN_LAYOUT_NONE", 255}};
const Words kQuantisations = {{"NONE", 0}, {"SHIFT", 1}, {"SCALE", 2}};
const Words kSources = {
    {"HB_DNN_INPUT_FROM_DDR", 0}, {"HB_DNN_INPUT_FROM_RESIZER", 1}, {"HB_DNN_INPUT_FROM_PYRAMID", 2}};

std::runtime_error Bad(const std::string& what, const std::string& value) {
  return std::runtime_error(what + " '" + value + "' is not understood");
}

int32_t Word(const Words& words, const std::string& what, const std::string& value) {
  const auto found = words.find(value);
  if (found == words.end()) throw Bad(what, value);
  return found->second;
}

double Number(const std::string& what, const std::string& value) {
  size_t used = 0;
  double number = 0;
  try {
    number = std::stod(value, &used);
  } catch (const std::logic_error&) {
    throw Bad(what, value);
  }
  if (used != value.size()) throw Bad(what, value);
  return number;
}

/// `(1,2,3,)` or `1,2,3,`
std::vector<double> Numbers(const std::string& what, std::string value) {
  if (!value.empty() && value.front() == '(' && value.back() == ')')
    value = value.substr(1, value.size() - 2);
  std::vector<double> numbers;
  std::istringstream parts(value);
  for (std::string part; std::getline(parts, part, ',');) numbers.push_back(Number(what, part));
  return numbers;
}

void Integers(const std::string& what, const std::string& value, int32_t (&into)[8], int32_t* count) {
  const std::vector<double> numbers = Numbers(what, value);
  if (numbers.empty() || numbers.size() > 8) throw Bad(what, value);
  for (size_t i = 0; i < numbers.size(); i++) into[i] = static_cast<int32_t>(numbers[i]);
  if (count) *count = static_cast<int32_t>(numbers.size());
}

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

void SetField(Tensor& tensor, const std::string& key, const std::string& value) {
  hbDNNTensorProperties& properties = tensor.properties;
  if (key == "name")
    tensor.name = value;
  else if (key == "input source")
    tensor.source = Word(kSources, key, value);
  else if (key == "valid shape")
    Integers(key, value, properties.validShape.dimensionSize, &properties.validShape.numDimensions);
  else if (key == "aligned shape")
    Integers(key, value, properties.alignedShape.dimensionSize, &properties.alignedShape.numDimensions);
  else if (key == "aligned byte size")
    properties.alignedByteSize = static_cast<int32_t>(Number(key, value));
  else if (key == "tensor type")
    properties.tensorType = Word(kTypes, key, value);
  else if (key == "tensor layout")
    properties.tensorLayout = Word(kLayouts, key, value);
  else if (key == "quanti type")
    properties.quantiType = static_cast<hbDNNQuantiType>(Word(kQuantisations, key, value));
  else if (key == "stride")
    Integers(key, value, properties.stride, nullptr);
  else if (key == "quantizeAxis")
    properties.quantizeAxis = static_cast<int32_t>(Number(key, value));
  else if (key == "scale data")
    for (const double scale : Numbers(key, value)) tensor.scales.push_back(static_cast<float>(scale));
}

class Parser {
 public:
  explicit Parser(std::vector<std::unique_ptr<Model>>& models) : models_(models) {}

  /// False for a march other than the X5's.
  bool Take(const std::string& line) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) return true;
    const std::string key = Trimmed(line.substr(0, colon));
    const std::string value = Trimmed(line.substr(colon + 1));
    if (key == "[model name]") {
      auto model = std::make_unique<Model>();
      model->name = value;
      model->core_ms = core_ms_;
      model->host_ms = host_ms_;
      models_.push_back(std::move(model));
      model_ = models_.back().get();
      tensor_ = nullptr;
    } else if (!model_) {
      if (key == "march") return value == kMarch;
      if (key == "core_ms") core_ms_ = Number(key, value);
      if (key == "host_ms") host_ms_ = Number(key, value);
    } else if (key.rfind("input[", 0) == 0) {
      tensor_ = &model_->inputs.emplace_back();
    } else if (key.rfind("output[", 0) == 0) {
      tensor_ = &model_->outputs.emplace_back();
    } else if (tensor_) {
      SetField(*tensor_, key, value);
    }
    return true;
  }

 private:
  std::vector<std::unique_ptr<Model>>& models_;
  Model* model_ = nullptr;
  Tensor* tensor_ = nullptr;
  double core_ms_ = 0;
  double host_ms_ = 0;
};

void Finish(Model& model) {
  if (model.inputs.empty() || model.outputs.empty()) {
    throw std::runtime_error("model " + model.name + " has " + std::to_string(model.inputs.size()) +
                             " inputs and " + std::to_string(model.outputs.size()) +
                             " outputs; expected at least one of each");
  }
  for (std::vector<Tensor>* tensors : {&model.inputs, &model.outputs}) {
    for (Tensor& tensor : *tensors) {
      // The texts of tests may say 0 bytes or no shape, which the caller has to refuse; a negative size is
      // ours.
      if (tensor.properties.alignedByteSize < 0) throw Bad("aligned byte size of " + tensor.name, "negative");
      if (tensor.scales.empty()) continue;
      tensor.properties.scale.scaleLen = static_cast<int32_t>(tensor.scales.size());
      tensor.properties.scale.scaleData = tensor.scales.data();
    }
  }
}

}  // namespace

int32_t ParseModels(const std::string& text, std::vector<std::unique_ptr<Model>>& models) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  if (Trimmed(line) != kMagic) return HB_DNN_INVALID_MODEL;
  const size_t first = models.size();
  try {
    Parser parser(models);
    while (std::getline(lines, line)) {
      if (!parser.Take(line)) return HB_DNN_INCOMPATIBLE_MODEL;
    }
    if (models.size() == first) throw std::runtime_error("there is no [model name]");
    for (size_t i = first; i < models.size(); i++) Finish(*models[i]);
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "[fakednn] no model: %s\n", error.what());
    models.resize(first);
    return HB_DNN_INVALID_MODEL;
  }
  return HB_DNN_SUCCESS;
}

}  // namespace fakednn
