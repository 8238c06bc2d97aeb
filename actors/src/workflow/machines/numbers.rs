//! The numbers that workflow code gives to what it starts.

use crate::workflow::failure::TaskError;

/// The numbers of one kind of thing. They rise, so that one number names one thing for good.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    highest: u32,
}

impl Numbers {
    /// Takes the number of a new thing. `what` names its kind in the error.
    pub(crate) fn take(&mut self, what: &str, sequence: u32) -> Result<(), TaskError> {
        if sequence <= self.highest {
            return Err(TaskError::invalid(format!(
                "the number {sequence} of a new {what} does not rise: the last was {}",
                self.highest
            )));
        }
        self.highest = sequence;
        Ok(())
    }

    /// Fails for a number that was never taken.
    pub(crate) fn expect_taken(&self, what: &str, sequence: u32) -> Result<(), TaskError> {
        if sequence > self.highest {
            return Err(TaskError::invalid(format!(
                "{what} {sequence} was cancelled but never begun"
            )));
        }
        Ok(())
    }
}
