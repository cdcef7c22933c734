// A loaded model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fakednn/faults.h"
#include "fakednn/model_text.h"
#include "fakednn/recordings.h"

namespace rdk::fakednn {

struct Model {
  Model(ModelText its_text, const std::string& recording)
      : text(std::move(its_text)), recordings(recording, text.outputs) {}

  ModelText text;
  Recordings recordings;
  int64_t core_ns = 0;
  int64_t host_ns = 0;
  // Shared by the models of a file.
  std::shared_ptr<FaultPlan> faults;
};

// What hbDNNInitializeFromFiles makes.
struct PackedModel {
  // By handle, in the order of the files.
  std::vector<void*> handles;
  std::vector<const char*> names;
  std::shared_ptr<FaultPlan> faults;
};

}  // namespace rdk::fakednn
