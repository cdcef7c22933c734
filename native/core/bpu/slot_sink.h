// Letterboxes a frame into the input of a slot: the one write of the pixels on their way to the BPU.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "common/async_job.h"
#include "core/bpu/bpu_session.h"
#include "core/bpu/vendor_status.h"
#include "core/jobs.h"

namespace rdk::bpu {

class SlotSink : public LetterboxSink {
 public:
  // Takes a free slot; throws as SlotTable::Acquire.
  explicit SlotSink(std::shared_ptr<BpuSession> session)
      : session_(std::move(session)),
        table_(session_->table()),
        lease_(table_->Acquire()),
        slot_(session_->SlotAt(lease_.slot)),
        layout_(session_->model().input_layout()) {}

  ~SlotSink() override {
    if (!is_ready_) table_->Move(lease_, SlotState::kWriting, SlotState::kFree);
  }

  Size model_size() const override { return {layout_.width_px, layout_.height_px}; }

  Nv12Target Content(const Placement& placement, Scratch& scratch) override {
    session_->mutable_counters().source_reads++;
    if (layout_.form == InputForm::kNv12) return ContentOf(Model(), placement);
    return PackedNv12(GrowTo(scratch.content, PackedNv12Bytes(placement.content)), placement.content);
  }

  void CountPreview() override { session_->mutable_counters().preview_reads++; }

  void Finish(const Nv12Target& content, const Placement& placement, YuvRange range,
              Scratch& scratch) override {
    if (layout_.form == InputForm::kNv12) {
      PadNv12(Model(), placement);
    } else {
      WriteRgbBytePlanes(ViewOf(content), placement, range, slot_->input.data(), layout_.pitch_bytes,
                         scratch);
    }
    session_->mutable_counters().input_writes++;
    const int32_t status = slot_->input.Clean();
    if (status != 0) {
      throw CodedError(ErrorCode::kBpuDead,
                       "slot " + std::to_string(lease_.slot) + ": " + DescribeStatus("hbSysFlushMem", status),
                       {{"call", "hbSysFlushMem"}, {"status", status}, {"slot", lease_.slot}});
    }
    slot_->ready_at = std::chrono::steady_clock::now();
  }

  void Report(Napi::Object& report) override {
    table_->Move(lease_, SlotState::kWriting, SlotState::kReady);
    is_ready_ = true;
    report.Set("slot", lease_.slot);
    report.Set("generation", lease_.generation);
  }

 private:
  Nv12Target Model() const {
    uint8_t* const y = slot_->input.data();
    uint8_t* const uv = y + static_cast<size_t>(layout_.pitch_bytes) * static_cast<size_t>(layout_.height_px);
    return {y, uv, model_size(), layout_.pitch_bytes, layout_.pitch_bytes};
  }

  const std::shared_ptr<BpuSession> session_;
  const std::shared_ptr<SlotTable> table_;
  const Lease lease_;
  const std::shared_ptr<Slot> slot_;
  const InputLayout layout_;
  bool is_ready_ = false;
};

}  // namespace rdk::bpu
